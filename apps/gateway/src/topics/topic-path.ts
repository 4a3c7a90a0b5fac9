// `/topics/{topic}` and what stands behind it.

export interface TopicPath {
  /** Percent-decoded; not checked to be a topic yet. */
  readonly topic: string;
  readonly resource: 'topic' | 'presence';
}

/** Null for a path that is not under `/topics/`, or whose escapes are not UTF-8. */
export function parseTopicPath(path: string): TopicPath | null {
  const match = /^\/topics\/([^/]+)(\/presence)?$/.exec(path);
  if (match === null) return null;
  try {
    return { topic: decodeURIComponent(match[1]!), resource: match[2] === undefined ? 'topic' : 'presence' };
  } catch {
    return null;
  }
}

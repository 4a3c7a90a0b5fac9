// From a request's path to a path below a root. What could lead out of it, or to something hidden, is refused by its form.

/**
 * The decoded path without its leading slash, or null for what is never served: malformed escapes, NUL, backslashes, empty or
 * dot segments in the middle, and names that begin with a dot (but `.well-known`, RFC 8615). A trailing slash stays.
 */
export function safePath(path: string): string | null {
  if (!path.startsWith('/')) return null;
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return null;
  }
  if (/[\0\\]/.test(decoded)) return null;
  const segments = decoded.slice(1).split('/');
  const last = segments.length - 1;
  for (const [index, segment] of segments.entries()) {
    if (segment === '' && index !== last) return null;
    if (segment.startsWith('.') && segment !== '.well-known') return null;
  }
  return segments.join('/');
}

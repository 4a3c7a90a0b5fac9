// Messages in and out, counted where they pass. Plain numbers: the metrics read them when asked.

export interface TrafficCounters {
  /** Messages taken from clients: WebSocket messages and HTTP publications. */
  messagesIn: number;
  /** Publications queued for subscribers. */
  messagesOut: number;
}

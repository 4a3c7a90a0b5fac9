import type { FieldList } from '@sluice/http1';

/** Of every reply that is an event stream (WHATWG HTML §9.2): nothing in between keeps it, or gathers it to compress it (RFC 9111 section 5.2.2.6). */
export const eventStreamFields: FieldList = ['Content-Type', 'text/event-stream', 'Cache-Control', 'no-store, no-transform'];

// JSON in ASCII only: what is not is written as \uXXXX. So a text's length is its size in bytes, and bounds on a queue of texts are
// exact without encoding any of them.

const beyondAscii = /[\u007f-\uffff]/g;

/** A function (an action written in place, in somebody's chart) becomes `{type: its name}`, as `@statelyai/inspect` has it. */
export function encodeJson(value: unknown): string {
  return escape(JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'function' ? { type: inner.name } : inner)));
}

/** The same for a string alone, faster. */
export function encodeText(text: string): string {
  return escape(JSON.stringify(text));
}

function escape(json: string): string {
  return json.replace(beyondAscii, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

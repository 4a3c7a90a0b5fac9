// Values as one byte each, in the order they are first seen. There are few: the events of a chart, and its states.

/** Stands for every value after the 255th. */
export const unknownCode = 255;

export class CodeTable<Value> {
  readonly #codes = new Map<string, number>();
  readonly #values: Value[] = [];

  /** `name` tells values apart. Allocates only for one not seen before. */
  codeOf(name: string, value: Value): number {
    return this.#codes.get(name) ?? this.#add(name, value);
  }

  /** `null` for `unknownCode`. */
  valueOf(code: number): Value | null {
    return this.#values[code] ?? null;
  }

  #add(name: string, value: Value): number {
    const code = this.#values.length;
    if (code === unknownCode) return unknownCode;
    this.#codes.set(name, code);
    this.#values.push(value);
    return code;
  }
}

// A value that cannot be printed by accident: JSON, inspect, String and template literals show [secret].
import { inspect } from 'node:util';
import type { Secret } from '../kit/secret.ts';
import { remember } from './live-secrets.ts';

class Held implements Secret {
  readonly label: string;
  readonly #bytes: Buffer;

  constructor(label: string, bytes: Buffer) {
    this.label = label;
    this.#bytes = bytes;
    remember(bytes);
  }
  use<T>(f: (bytes: Uint8Array) => T): T {
    return f(this.#bytes);
  }
  text<T>(f: (text: string) => T): T {
    return f(this.#bytes.toString('utf8'));
  }
  toJSON(): string {
    return '[secret]';
  }
  toString(): string {
    return '[secret]';
  }
  [inspect.custom](): string {
    return '[secret]';
  }
}

/** Wraps bytes (copied) or text (UTF-8). The label names the value and must not be derived from it. */
export function secretOf(label: string, value: Uint8Array | string): Secret {
  return new Held(label, typeof value === 'string' ? Buffer.from(value, 'utf8') : Buffer.from(value));
}

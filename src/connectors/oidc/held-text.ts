// A value the provider showed, held so that it prints as [secret] everywhere. Values it makes for a client go through the sealer instead.
import { inspect } from 'node:util';
import type { Secret } from '../../kit/kit.ts';

class HeldText implements Secret {
  readonly label: string;
  readonly #text: string;
  constructor(label: string, text: string) {
    this.label = label;
    this.#text = text;
  }
  use<T>(f: (bytes: Uint8Array) => T): T {
    return f(Buffer.from(this.#text, 'utf8'));
  }
  text<T>(f: (text: string) => T): T {
    return f(this.#text);
  }
  toJSON(): string {
    return '[secret]';
  }
  [inspect.custom](): string {
    return '[secret]';
  }
}

export const heldText = (label: string, text: string): Secret => new HeldText(label, text);

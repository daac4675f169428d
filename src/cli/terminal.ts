// The streams a command may use, and the only way text from elsewhere reaches them: without control characters.
import type { Readable, Writable } from 'node:stream';

export type Terminal = {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Calls back on every Ctrl-C or termination; the result unsubscribes. Without a subscriber the process ends as usual. */
  onInterrupt(act: () => void): () => void;
  /** Calls back when the process is told to read its files again (SIGHUP). */
  onReload(act: () => void): () => void;
};

export function processTerminal(): Terminal {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    onInterrupt(act) {
      process.on('SIGINT', act);
      process.on('SIGTERM', act);
      return () => {
        process.off('SIGINT', act);
        process.off('SIGTERM', act);
      };
    },
    onReload(act) {
      process.on('SIGHUP', act);
      return () => process.off('SIGHUP', act);
    },
  };
}

/**
 * C0, DEL and C1 move cursors and write titles; bidi controls reorder what is read; zero-width characters make two names look alike.
 * An account's name is written by whoever could create the account.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this removes
const unsafe = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

export function clean(text: string): string {
  return text.replace(unsafe, '\ufffd');
}

/** Every string of a value, keys included. */
export function cleanAll<T>(value: T): T {
  if (typeof value === 'string') return clean(value) as T; // a string stays a string
  if (Array.isArray(value)) return value.map(cleanAll) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [clean(key), cleanAll(member)])) as T;
}

/** JSON that a terminal shows as text: what JSON.stringify leaves raw and a terminal obeys is escaped. Any parser reads the same value. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

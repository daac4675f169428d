// One file format: how a value is found in the bytes of a file and how it is exchanged without touching any other byte.
import { done, type Outcome, refused } from '../../kit/kit.ts';

/** `read` and `write` never throw, and no message of theirs holds a piece of the file. */
export interface Format {
  /** What the part after # looks like; empty = no key. */
  readonly keySyntax: string;
  read(content: Buffer, key: string): Outcome<string>;
  /** `create`: add the key when it is not there. */
  write(content: Buffer, key: string, value: string, create: boolean): Outcome<Buffer>;
}

/** A stretch of bytes and what to put there. */
export type Splice = { readonly start: number; readonly end: number; readonly text: string };

export const noKey = (key: string): Outcome<never> =>
  refused('not-found', `there is no key ${key} in the file; add it, or set "create: true" for this system`);
export const twice = (key: string): Outcome<never> =>
  refused('conflict', `the key ${key} stands more than once in the file: readers disagree on which one counts; keep one`);
export const noLineBreak = (format: string): Outcome<never> =>
  refused('policy', `a value with a line break or a NUL cannot be kept in a ${format} file`);
export const breaksLine = (value: string): boolean => /[\r\n\0]/.test(value);

/**
 * One character per byte: whatever encoding the rest of the file has, it goes back unchanged.
 * UTF-8 never uses an ASCII byte inside a longer character, so ASCII syntax can be found this way.
 */
export const bytewise = (content: Buffer): string => content.toString('latin1');
export const asBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
export const fromBytes = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');

export function splice(text: string, { start, end, text: put }: Splice): Outcome<Buffer> {
  return done(Buffer.from(text.slice(0, start) + put + text.slice(end), 'latin1'));
}

/** Line ending of a file, from its first line. */
export const eolOf = (text: string): string => (/\r?\n/.exec(text)?.[0] === '\r\n' ? '\r\n' : '\n');

export function append(text: string, line: string): Outcome<Buffer> {
  const eol = eolOf(text);
  const gap = text === '' || text.endsWith('\n') ? '' : eol;
  return done(Buffer.from(`${text}${gap}${line}${eol}`, 'latin1'));
}

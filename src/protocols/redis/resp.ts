// RESP2, the wire of Redis: commands as arrays of byte strings, replies parsed as they arrive, errors kept apart from values.

export type Argument = string | Uint8Array;
/** `code` is the first word of an error ("NOPERM"); `text` the rest, which may quote the command and is never shown. */
type ErrorReply = { readonly code: string; readonly text: string };
export type Reply = string | number | null | ErrorReply | readonly Reply[];

export class ProtocolError extends Error {}

export function encode(command: readonly Argument[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${command.length}\r\n`)];
  for (const argument of command) {
    const bytes = typeof argument === 'string' ? Buffer.from(argument, 'utf8') : argument;
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, lineEnd);
  }
  return Buffer.concat(parts);
}
const lineEnd = Buffer.from('\r\n');

export const isError = (reply: Reply): reply is ErrorReply => typeof reply === 'object' && reply !== null && 'code' in reply;

/** A list of some ten thousand clients is a few megabytes; more than this is no answer to anything Rekey asks. */
const mostBytes = 64 * 1024 * 1024;
const deepest = 8;

/** Bytes in, whole replies out. */
export class Replies {
  #chunks: Buffer[] = [];
  #size = 0;
  /** What the reply at hand needs before parsing it again is worth the while. */
  #wanted = 1;

  push(chunk: Buffer): Reply[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size > mostBytes) throw new ProtocolError('a reply is too large');
    if (this.#size < this.#wanted) return [];
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    const found: Reply[] = [];
    let at = 0;
    this.#wanted = 1;
    while (at < bytes.length) {
      const next = parse(bytes, at, 0);
      if ('needs' in next) {
        this.#wanted = next.needs - at;
        break;
      }
      found.push(next.value);
      at = next.end;
    }
    this.#chunks = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#size = bytes.length - at;
    return found;
  }
}

/** `needs`: the length of the buffer without which there is certainly no whole reply. */
type Parsed = { readonly value: Reply; readonly end: number } | { readonly needs: number };

function parse(bytes: Buffer, at: number, depth: number): Parsed {
  if (depth > deepest) throw new ProtocolError('a reply is nested too deep');
  const stop = bytes.indexOf(lineEnd, at);
  if (stop < 0) return { needs: bytes.length + 1 };
  const line = bytes.toString('utf8', at + 1, stop);
  const end = stop + 2;
  switch (bytes[at]) {
    case 0x2b: // +
      return { value: line, end };
    case 0x2d: // -
      return { value: errorOf(line), end };
    case 0x3a: // :
      return { value: number(line), end };
    case 0x24: // $
      return bulk(bytes, end, number(line));
    case 0x2a: // *
      return list(bytes, end, number(line), depth);
    default:
      throw new ProtocolError('this is not a Redis server');
  }
}

function errorOf(line: string): ErrorReply {
  const space = line.indexOf(' ');
  return space < 0 ? { code: line, text: '' } : { code: line.slice(0, space), text: line.slice(space + 1) };
}

function number(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new ProtocolError('this is not a Redis server');
  return Number(text);
}

function bulk(bytes: Buffer, at: number, length: number): Parsed {
  if (length < 0) return { value: null, end: at };
  const end = at + length + 2;
  if (bytes.length < end) return { needs: end };
  return { value: bytes.toString('utf8', at, at + length), end };
}

function list(bytes: Buffer, at: number, length: number, depth: number): Parsed {
  if (length < 0) return { value: null, end: at };
  const items: Reply[] = [];
  let end = at;
  for (let n = 0; n < length; n++) {
    const next = parse(bytes, end, depth + 1);
    if ('needs' in next) return next;
    items.push(next.value);
    end = next.end;
  }
  return { value: items, end };
}

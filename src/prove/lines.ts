// Lines of a file as bytes, in pages, with a limit: a damaged file ends in an error, never in a full memory.
import { createReadStream } from 'node:fs';

const newline = 0x0a;
/** Far above any line we write (a line names one event); a file without line ends stops here. */
export const maxLine = 1024 * 1024;

export type Line = { readonly bytes: Buffer /** False for a last line without its newline. */; readonly ended: boolean };

export async function* linesOf(path: string): AsyncIterable<readonly Line[]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    const data: Buffer = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    const page: Line[] = [];
    let start = 0;
    for (let end = data.indexOf(newline, start); end >= 0; end = data.indexOf(newline, start)) {
      page.push({ bytes: data.subarray(start, end), ended: true });
      start = end + 1;
    }
    // copied, so that the chunk can go
    rest = Buffer.from(data.subarray(start));
    if (page.length > 0) yield page;
    if (rest.length > maxLine) {
      yield [{ bytes: rest.subarray(0, maxLine), ended: false }];
      return;
    }
  }
  if (rest.length > 0) yield [{ bytes: rest, ended: false }];
}

export type Entry = { readonly [key: string]: unknown };

/** The line's object; undefined when it is not one. */
export function parsed(line: string): Entry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Entry) : undefined;
  } catch {
    return undefined;
  }
}

// Lines of a file as bytes, in pages, with a limit: a damaged file ends in an error, never in a full memory.
import { concat } from '../cryptography/bytes.ts';

const newline = 0x0a;
/** Far above any line we write (a line names one event); a file without line ends stops here. */
export const maxLine = 1024 * 1024;

export type Line = { readonly bytes: Uint8Array /** False for a last line without its newline. */; readonly ended: boolean };

export async function* linesOf(file: AsyncIterable<Uint8Array>): AsyncIterable<readonly Line[]> {
  let rest: Uint8Array = new Uint8Array();
  for await (const chunk of file) {
    const data = rest.length === 0 ? chunk : concat(rest, chunk);
    const page: Line[] = [];
    let start = 0;
    for (let end = data.indexOf(newline, start); end >= 0; end = data.indexOf(newline, start)) {
      page.push({ bytes: data.subarray(start, end), ended: true });
      start = end + 1;
    }
    // copied, so that the chunk can go
    rest = data.slice(start);
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

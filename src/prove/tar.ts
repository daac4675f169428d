// One file that holds a bundle (POSIX ustar): written as a stream, read strictly. Only plain files in no folder, with names a bundle may have.
import { sameBytes, strictText, utf8 } from '../cryptography/bytes.ts';

const block = 512;
/** ustar has eleven octal digits for a size. */
const largest = 8 * 1024 ** 3 - 1;
const plainName = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/;

export type TarFile = { readonly name: string; readonly size: number; readonly content: AsyncIterable<Uint8Array> };

/** Throws when a file does not have the size that its header says: a reader would take what follows for something else. */
export async function* tarOf(files: Iterable<TarFile> | AsyncIterable<TarFile>, at: Date): AsyncGenerator<Uint8Array> {
  for await (const { name, size, content } of files) {
    yield header(name, size, at);
    let written = 0;
    for await (const part of content) {
      written += part.length;
      if (written > size) break;
      yield part;
    }
    if (written !== size) throw new Error(`${name} changed while it was read`);
    const rest = size % block;
    if (rest > 0) yield new Uint8Array(block - rest);
  }
  yield new Uint8Array(2 * block);
}

function header(name: string, size: number, at: Date): Uint8Array {
  if (!plainName.test(name) || size > largest) throw new TypeError(`no file for an archive: ${name}`);
  const bytes = new Uint8Array(block);
  const put = (offset: number, text: string): void => bytes.set(utf8(text), offset);
  put(0, name);
  put(100, '0000644\0');
  put(108, '0000000\0');
  put(116, '0000000\0');
  put(124, `${size.toString(8).padStart(11, '0')}\0`);
  put(
    136,
    `${Math.floor(at.getTime() / 1000)
      .toString(8)
      .padStart(11, '0')}\0`,
  );
  put(148, '        ');
  put(156, '0');
  put(257, 'ustar\x0000');
  put(148, `${sumOf(bytes).toString(8).padStart(6, '0')}\0 `);
  return bytes;
}

const sumOf = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum + byte, 0);

export type Tar =
  | { readonly ok: true; readonly files: ReadonlyMap<string, { readonly start: number; readonly size: number }> }
  | { readonly ok: false; readonly why: string };

/** Where each file lies. Every header is checked, each name comes once, and nothing lies between or behind the files but zeros. */
export async function readTar(read: (at: number, length: number) => Promise<Uint8Array>, size: number): Promise<Tar> {
  const files = new Map<string, { readonly start: number; readonly size: number }>();
  const wrong = (why: string): Tar => ({ ok: false, why });
  for (let at = 0; ; ) {
    const head = await read(at, block);
    if (head.length !== block) return wrong('it ends too early');
    if (head.every((byte) => byte === 0)) {
      const rest = await read(at, Math.min(size - at, 64 * block));
      return size - at <= 64 * block && rest.every((byte) => byte === 0) ? { ok: true, files } : wrong('something follows its end');
    }
    const found = entryOf(head);
    if (found === undefined) return wrong(`the header at ${at} is damaged`);
    if (files.has(found.name)) return wrong(`${found.name} is in it twice`);
    const start = at + block;
    at = start + Math.ceil(found.size / block) * block;
    if (at > size) return wrong('it ends too early');
    const padding = await read(start + found.size, at - start - found.size);
    if (padding.some((byte) => byte !== 0)) return wrong(`something lies behind ${found.name}`);
    files.set(found.name, { start, size: found.size });
  }
}

/** Only what `header` writes for this name, size and time: a header that says more than that is not ours. */
function entryOf(head: Uint8Array): { readonly name: string; readonly size: number } | undefined {
  const text = (from: number, length: number): string => (strictText(head.subarray(from, from + length)) ?? '').split('\0', 1)[0] ?? '';
  const octal = (from: number): number => (/^[0-7]{11}$/.test(text(from, 12)) ? Number.parseInt(text(from, 12), 8) : Number.NaN);
  const [name, size, seconds] = [text(0, 100), octal(124), octal(136)];
  if (Number.isNaN(size) || Number.isNaN(seconds) || !plainName.test(name)) return undefined;
  return sameBytes(header(name, size, new Date(seconds * 1000)), head) ? { name, size } : undefined;
}

// A bundle on disk: the folder that `rekey prove -o` wrote, or the one .tar that was downloaded, read in place.
import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../domain/problem.ts';
import type { BundleSource } from './bundle-source.ts';
import { readTar } from './tar.ts';

const chunk = 256 * 1024;

export async function bundleOnDisk(path: string): Promise<BundleSource> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return inFolder(path);
  if (found?.isFile()) return inTar(path, found.size);
  throw new Problem('not-found', {
    message: `${path} is not a folder`,
    hint: 'give the folder that `rekey prove RUN -o DIR` wrote, or the .tar of the console',
  });
}

function inFolder(folder: string): BundleSource {
  return {
    names: () => readdir(folder),
    size: async (name) => (await stat(join(folder, name))).size,
    stream: (name) => createReadStream(join(folder, name), { highWaterMark: chunk }),
  };
}

/** Files are read where they lie in the archive: nothing is written anywhere, so no name in it can lead anywhere. */
async function inTar(path: string, size: number): Promise<BundleSource> {
  const file = await open(path);
  try {
    const read = async (at: number, length: number): Promise<Uint8Array> => {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await file.read(bytes, 0, length, at);
      return bytes.subarray(0, bytesRead);
    };
    const found = await readTar(read, size);
    if (!found.ok)
      throw new Problem('evidence-altered', {
        place: path,
        message: `this is not a bundle's archive: ${found.why}`,
        hint: 'download it again',
      });
    const place = (name: string): { readonly start: number; readonly size: number } => found.files.get(name) ?? { start: 0, size: 0 };
    return {
      names: async () => [...found.files.keys()],
      size: async (name) => place(name).size,
      stream: (name) => {
        const { start, size: length } = place(name);
        return length === 0 ? nothing() : createReadStream(path, { start, end: start + length - 1, highWaterMark: chunk });
      },
    };
  } finally {
    await file.close();
  }
}

async function* nothing(): AsyncIterable<Uint8Array> {}

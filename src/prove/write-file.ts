// Writes one file of a bundle while its size and SHA-256 are taken, waiting for the disk: a file may be larger than memory.
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileDigest, ListedFile } from './bundle-files.ts';

const bufferSize = 256 * 1024;

export class BundleWriter {
  readonly #folder: string;
  readonly #done = new Map<ListedFile, FileDigest>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Digests of the files written so far. */
  get files(): readonly FileDigest[] {
    return [...this.#done.values()];
  }

  async write(name: ListedFile, content: string | AsyncIterable<string | Uint8Array>): Promise<void> {
    const file = await this.open(name);
    try {
      if (typeof content === 'string') await file.write(content);
      else for await (const part of content) await file.write(part);
    } finally {
      await file.close();
    }
  }

  async open(name: ListedFile): Promise<{ write(part: string | Uint8Array): Promise<void>; close(): Promise<void> }> {
    const handle: FileHandle = await open(join(this.#folder, name), 'wx', 0o600);
    const sha = createHash('sha256');
    let size = 0;
    let parts: Uint8Array[] = [];
    let held = 0;
    const flush = async (): Promise<void> => {
      if (held > 0) await handle.writeFile(Buffer.concat(parts));
      [parts, held] = [[], 0];
    };
    return {
      write: async (part) => {
        const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
        sha.update(bytes);
        size += bytes.length;
        held += bytes.length;
        parts.push(bytes);
        if (held >= bufferSize) await flush();
      },
      close: async () => {
        try {
          await flush();
          await handle.sync();
        } finally {
          await handle.close();
        }
        this.#done.set(name, { name, size, sha256: sha.digest('hex') });
      },
    };
  }
}

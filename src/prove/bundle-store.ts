// Bundles on disk: one folder per run, replaced whole, so that files read one by one always belong together.
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../domain/problem.ts';
import { bundleNames } from './bundle-files.ts';
import { type TarFile, tarOf } from './tar.ts';

export class BundleStore {
  readonly #folder: string;

  /** A folder only Rekey writes to, for instance `.rekey/evidence`. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** `fill` writes into a new folder; only when it returns does the folder take the run's place. */
  async replace<T>(run: string, fill: (folder: string) => Promise<T>): Promise<T> {
    const place = this.#placeOf(run);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const fresh = await mkdtemp(join(this.#folder, `${run}.new-`));
    try {
      const result = await fill(fresh);
      const old = `${fresh}.old`;
      await rename(place, old).catch(ignoreMissing);
      await rename(fresh, place);
      await rm(old, { recursive: true, force: true });
      return result;
    } catch (error) {
      await rm(fresh, { recursive: true, force: true });
      throw error;
    }
  }

  /** The bytes of one file. Throws not-found for other names and for runs that were not proved here. */
  async file(run: string, name: string): Promise<AsyncIterable<Uint8Array>> {
    if (!(bundleNames as readonly string[]).includes(name))
      throw new Problem('not-found', { message: `a bundle has no file ${name}`, hint: `it has ${bundleNames.join(', ')}` });
    const path = join(this.#placeOf(run), name);
    if ((await stat(path).catch(() => undefined)) === undefined)
      throw new Problem('not-found', { message: `there is no bundle of run ${run} on this server`, hint: `run: rekey prove ${run}` });
    return createReadStream(path);
  }

  /** All files in one archive, as they stand together now. Throws not-found as `file` does. */
  async archive(run: string): Promise<AsyncIterable<Uint8Array>> {
    const folder = this.#placeOf(run);
    const at = (await stat(join(folder, 'manifest.note')).catch(() => undefined))?.mtime;
    if (at === undefined)
      throw new Problem('not-found', { message: `there is no bundle of run ${run} on this server`, hint: `run: rekey prove ${run}` });
    return tarOf(openFiles(folder), at);
  }

  #placeOf(run: string): string {
    if (!/^R-[0-9A-Z]{8}$/.test(run)) throw new Problem('not-found', { message: `there is no run ${run}`, hint: 'run: rekey run ls' });
    return join(this.#folder, run);
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/** Opened before the first byte leaves: a bundle that takes this one's place meanwhile does not mix with it. */
async function* openFiles(folder: string): AsyncGenerator<TarFile> {
  const handles = new Map<string, FileHandle>();
  try {
    for (const name of await readdir(folder)) handles.set(name, await open(join(folder, name)));
    for (const [name, handle] of [...handles].sort(([a], [b]) => (a < b ? -1 : 1)))
      yield { name, size: (await handle.stat()).size, content: handle.createReadStream({ autoClose: false }) };
  } finally {
    for (const handle of handles.values()) await handle.close();
  }
}

// Decides which files may be touched: nothing outside root and allow, whatever .. and symbolic links say.
import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { done, type Io, type Outcome, refused } from '../../kit/kit.ts';
import type { FileConfig } from './config.ts';
import { errorCode, ioFault } from './io-fault.ts';

export class Reach {
  readonly root: string;
  readonly #allow: readonly string[] | undefined;

  constructor(config: FileConfig, io: Io) {
    this.root = resolve(io.path(config.root ?? '.'));
    this.#allow = config.allow;
  }

  /** The real path behind a reference. A file that is not there yet is resolved through its folder. */
  async resolve(path: string): Promise<Outcome<string>> {
    const asked = isAbsolute(path) ? resolve(path) : resolve(this.root, path);
    try {
      const real = await realOrNew(asked);
      if (await this.#within(real)) return done(real);
    } catch (error) {
      return { kind: 'refused', fault: ioFault(error, path) };
    }
    const why = this.#allow === undefined ? `the folder of this store (${this.root})` : 'what "allow" of this store lists';
    return refused('permission', `${path} lies outside ${why}, once links are followed`, { target: 'OUTSIDE' });
  }

  async #within(real: string): Promise<boolean> {
    const root = await realpath(this.root);
    if (this.#allow === undefined) return isInside(root, real);
    for (const pattern of this.#allow) {
      if (pathGlob(await anchored(root, pattern)).test(real)) return true;
    }
    return false;
  }
}

export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith('../') && !isAbsolute(way);
}

async function realOrNew(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return join(await realpath(dirname(path)), basename(path));
  }
}

/** The part before the first wildcard is resolved like the file itself: /var/run is /run on many machines. */
async function anchored(root: string, pattern: string): Promise<string> {
  const full = isAbsolute(pattern) ? pattern : `${root}/${pattern}`;
  const parts = full.split('/');
  const wild = parts.findIndex((part) => /[*?]/.test(part));
  const fixed = parts.slice(0, wild < 0 ? parts.length - 1 : wild).join('/') || '/';
  const rest = parts.slice(wild < 0 ? parts.length - 1 : wild).join('/');
  try {
    return join(await realpath(fixed), rest);
  } catch {
    return join(fixed, rest);
  }
}

export function pathGlob(pattern: string): RegExp {
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('**/', '\u0001')
    .replaceAll('**', '\u0002')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
    .replaceAll('\u0001', '(?:.*/)?')
    .replaceAll('\u0002', '.*');
  return new RegExp(`^${source}$`, 'su');
}

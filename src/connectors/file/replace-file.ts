// Replaces a file's content in one step: a reader sees the old file or the new one, and owner, group, mode and attributes stay.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { done, type Fault, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import { errorCode, ioFault } from './io-fault.ts';

export type Edit = (content: Buffer | undefined) => Outcome<Buffer>;

type Read = { readonly content: Buffer | undefined; readonly stats: BigIntStats | undefined };
/** Others write without our lock (an editor, a deployment): this often their change is taken up before we give in. */
const attempts = 20;

/** Call with the file's lock held. `path` is a real path. Refused: the file is as it was. */
export async function replaceFile(path: string, edit: Edit): Promise<Outcome<void>> {
  for (let n = 0; n < attempts; n++) {
    const read = await readPlain(path);
    if (read.kind !== 'done') return read;
    const { content, stats } = read.value;
    const edited = edit(content);
    if (edited.kind !== 'done') return edited;
    if (content?.equals(edited.value) === true) return done(undefined);
    const exchanged = await exchange(path, edited.value, stats);
    if (exchanged !== 'changed meanwhile') return exchanged;
  }
  return refused('conflict', `${path} changes all the time: it was not written`, { target: 'CHANGING' });
}

/** A regular file with one name. A link in the last part would mean that somebody swapped it after the path was resolved. */
export async function readPlain(path: string): Promise<Outcome<Read>> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return done({ content: undefined, stats: undefined });
    return { kind: 'refused', fault: ioFault(error, path) };
  }
  try {
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) return refused('conflict', `${path} is not a regular file`);
    if (stats.nlink > 1n)
      return refused('conflict', `${path} has ${stats.nlink} names (hard links): replacing it would leave the old secret under the others`);
    return done({ content: await handle.readFile(), stats });
  } catch (error) {
    return { kind: 'refused', fault: ioFault(error, path) };
  } finally {
    await handle.close();
  }
}

async function exchange(path: string, content: Buffer, before: BigIntStats | undefined): Promise<Outcome<void> | 'changed meanwhile'> {
  const folder = dirname(path);
  const temporary = join(folder, `${temporaryPrefix(path)}${process.pid}-${randomBytes(6).toString('hex')}`);
  try {
    await sweep(path);
    const fault = await prepare(temporary, path, content, before);
    if (fault !== undefined) return { kind: 'refused', fault };
    if (!sameFile(before, await stat(path, { bigint: true }).catch(() => undefined))) return 'changed meanwhile';
    if ((await realpath(folder)) !== folder) return refused('conflict', `${folder} was exchanged for a link while it was used`);
    await rename(temporary, path);
  } catch (error) {
    return { kind: 'refused', fault: ioFault(error, path) };
  } finally {
    await rm(temporary, { force: true });
  }
  return (await synced(folder))
    ? done(undefined)
    : indeterminate('unreachable', `${path}: written, but the folder could not be flushed to disk`);
}

const temporaryPrefix = (path: string): string => `.${basename(path)}.rekey-new-`;

/** Under the lock nobody else has a temporary file here: what lies about was left by a killed process, and holds a secret. */
async function sweep(path: string): Promise<void> {
  const prefix = temporaryPrefix(path);
  for (const name of await readdir(dirname(path))) {
    if (name.startsWith(prefix)) await rm(join(dirname(path), name), { force: true });
  }
}

/** Rights first, content second: at no moment can somebody read the new file who could not read the old one. */
async function prepare(temporary: string, path: string, content: Buffer, before: BigIntStats | undefined): Promise<Fault | undefined> {
  const handle = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    if (before !== undefined) {
      await copyAttributes(path, temporary);
      const now = await handle.stat({ bigint: true });
      if (now.uid !== before.uid || now.gid !== before.gid) await handle.chown(Number(before.uid), Number(before.gid));
      await handle.chmod(Number(before.mode & 0o7777n));
    }
    await handle.writeFile(content);
    await handle.sync();
    return undefined;
  } catch (error) {
    const fault = ioFault(error, path);
    return fault.code === 'permission'
      ? { ...fault, message: `${path}: the new file could not be given the owner, group and mode of the old one` }
      : fault;
  } finally {
    await handle.close();
  }
}

/** Access lists, labels and other extended attributes: Node has no call for them, coreutils has. Without it, chown and chmod do what they can. */
function copyAttributes(from: string, to: string): Promise<void> {
  const args = ['--attributes-only', '--no-dereference', '--preserve=all', '--', from, to];
  return new Promise((resolve) => execFile('cp', args, { timeout: 5000, env: { PATH: process.env.PATH } }, () => resolve()));
}

function sameFile(before: BigIntStats | undefined, now: BigIntStats | undefined): boolean {
  if (before === undefined || now === undefined) return before === now;
  return before.ino === now.ino && before.size === now.size && before.mtimeNs === now.mtimeNs && before.ctimeNs === now.ctimeNs;
}

async function synced(folder: string): Promise<boolean> {
  try {
    const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    return true;
  } catch {
    return false;
  }
}

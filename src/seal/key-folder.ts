// A keyring in a folder: files k1, k2, … of base64, mode 0600 in a 0700 folder. What others could read or replace is refused.
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { link, lstat, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../domain/problem.ts';

export type NamedKey = { readonly id: string; readonly key: KeyObject };

const nameOf = /^k([1-9]\d{0,5})$/;
export const keyBytes = 32;

/** Newest first: the highest number is the current key. */
export async function readKeyFolder(folder: string): Promise<NamedKey[]> {
  const ids = await idsIn(folder);
  if (ids.length > 0) await refuseReadable(folder, '0700');
  return await Promise.all(ids.map(async (id) => ({ id, key: await readKey(join(folder, id)) })));
}

export async function createKeyFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await idsIn(folder)).length > 0)
    throw new Problem('conflict', {
      message: 'There is a keyring here already.',
      place: folder,
      hint: 'Use it, or name another folder: a keyring is never overwritten.',
    });
  await refuseReadable(folder, '0700');
  await addKey(folder, 'k1');
}

/** Adds the next key, which becomes the current one. Returns its id. */
export async function addNextKey(folder: string): Promise<string> {
  const [newest = 'k0'] = await idsIn(folder);
  const id = `k${Number(newest.slice(1)) + 1}`;
  await addKey(folder, id);
  return id;
}

export async function removeKey(folder: string, id: string): Promise<void> {
  await rm(join(folder, id));
  await syncFolder(folder);
}

/** Written aside, synced, then linked under its name: a crash leaves the whole key or none, and no existing key is ever replaced. */
async function addKey(folder: string, id: string): Promise<void> {
  const aside = join(folder, `.${id}.${process.pid}`);
  const bytes = randomBytes(keyBytes);
  try {
    const file = await open(aside, 'wx', 0o600);
    try {
      await file.writeFile(`${bytes.toString('base64')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(aside, join(folder, id));
    await syncFolder(folder);
  } finally {
    bytes.fill(0);
    await rm(aside, { force: true });
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function idsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new Problem('invalid-config', {
      message: `The keyring cannot be read (${error.code}).`,
      place: folder,
      hint: 'Run Rekey as the user who owns it.',
    });
  });
  return names.filter((name) => nameOf.test(name)).sort((a, b) => Number(b.slice(1)) - Number(a.slice(1)));
}

async function readKey(path: string): Promise<KeyObject> {
  await refuseReadable(path, '0600');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Problem('invalid-config', {
      message: `The key cannot be read (${error.code}).`,
      place: path,
      hint: 'Run Rekey as the user who owns it.',
    });
  });
  const bytes = Buffer.from(text.trim(), 'base64');
  if (bytes.length !== keyBytes || bytes.toString('base64') !== text.trim())
    throw new Problem('invalid-config', {
      message: `The key is not base64 of ${keyBytes} bytes.`,
      place: path,
      hint: 'Restore it from its backup.',
    });
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

async function refuseReadable(path: string, mode: '0600' | '0700'): Promise<void> {
  if (process.platform === 'win32') return;
  const found = await lstat(path);
  if (found.isSymbolicLink())
    throw new Problem('invalid-config', {
      message: 'A part of the keyring is a symbolic link.',
      place: path,
      hint: 'Name the real place in the estate file.',
    });
  if ((found.mode & 0o077) === 0) return;
  throw new Problem('invalid-config', {
    message: `The keyring is open to other users (mode ${(found.mode & 0o777).toString(8).padStart(4, '0')}).`,
    place: path,
    hint: `chmod ${mode} ${path}, and turn the keyring if others may have read it.`,
  });
}

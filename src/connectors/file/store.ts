// The store itself: put, holds, reload, healthy over one folder of files.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { type Capabilities, done, type Io, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import { bounded } from './bounded.ts';
import type { FileConfig } from './config.ts';
import { withLock } from './file-lock.ts';
import { ioFault } from './io-fault.ts';
import type { Reach } from './reach.ts';
import { parseReference, type Reference } from './reference.ts';
import { healthy, reload } from './reload.ts';
import { readPlain, replaceFile } from './replace-file.ts';

type At = Reference & { readonly real: string };
let puts = 0;

export function fileStore(config: FileConfig, io: Io, reach: Reach): Capabilities['storeConsumer'] {
  const place = { config, root: reach.root, limits: { timeoutMs: config.reloadTimeoutMs, signal: io.signal } };
  const locate = async (ref: string): Promise<Outcome<At>> => {
    const reference = parseReference(ref);
    if (reference.kind !== 'done') return reference;
    const real = await reach.resolve(reference.value.path);
    return real.kind === 'done' ? done({ ...reference.value, real: real.value }) : real;
  };
  return {
    put: ({ ref }, _account, secret) =>
      bounded(io, async () => {
        const at = await locate(ref);
        if (at.kind !== 'done') return at;
        // The lock gives up before the call does, so that waiting for it ends as refused and not as unknown.
        const limits = { timeoutMs: Math.min(config.lockTimeoutMs, io.timeoutMs * 0.7), signal: io.signal };
        return secret.text((text) => withLock(at.value.real, limits, () => written(at.value, text, config.create)));
      }),
    holds: ({ ref }, _account, secret) =>
      bounded(io, async () => {
        const at = await locate(ref);
        if (at.kind !== 'done') return at;
        const present = await presentValue(at.value);
        return present.kind === 'done' ? done(secret.use((bytes) => same(Buffer.from(present.value), bytes))) : present;
      }),
    reload: async (consumer) => (consumer.reload === undefined ? done(undefined) : reload(consumer.reload, place)),
    healthy: async (consumer) => (consumer.health === undefined ? done(undefined) : healthy(consumer.health, place)),
  };
}

async function presentValue({ format, key, real, path }: At): Promise<Outcome<string>> {
  const read = await readPlain(real);
  if (read.kind !== 'done') return read;
  if (read.value.content === undefined) return refused('not-found', `${path}: there is no such file`, { target: 'ENOENT' });
  return format.read(read.value.content, key);
}

async function written(at: At, text: string, create: boolean): Promise<Outcome<{ storeVersion: string }>> {
  const replaced = await replaceFile(at.real, (content) => edited(at, content, text, create));
  if (replaced.kind !== 'done') return replaced;
  const back = await presentValue(at);
  if (back.kind !== 'done') return indeterminate(back.fault.code, `${at.path} was written but cannot be read back: ${back.fault.message}`);
  if (!same(Buffer.from(back.value), Buffer.from(text)))
    return indeterminate('conflict', `${at.path} was written, and holds another value now: somebody else writes it too`);
  try {
    return done({ storeVersion: await versionOf(at.real) });
  } catch (error) {
    return { kind: 'indeterminate', fault: ioFault(error, at.path) };
  }
}

function edited({ format, key, path }: At, content: Buffer | undefined, text: string, create: boolean): Outcome<Buffer> {
  if (content === undefined && !create)
    return refused('not-found', `${path}: there is no such file; add it, or set "create: true" for this system`, { target: 'ENOENT' });
  const present = content ?? Buffer.from(format.keySyntax === '#/pointer' ? '{}\n' : '');
  const edit = format.write(present, key, text, create);
  if (edit.kind !== 'done') return edit;
  const back = format.read(edit.value, key);
  if (back.kind === 'done' && back.value === text) return edit;
  return refused('unsupported', `${path}: this value cannot be written at ${key} so that it reads back the same`);
}

/** Changes with every write and says nothing about the value, which a hash of the content would. */
async function versionOf(real: string): Promise<string> {
  const { mtimeNs, ino, size } = await stat(real, { bigint: true });
  return `${mtimeNs}-${ino}-${size}-${++puts}`;
}

/** Both sides under a key of this moment: equal length and equal time for every pair. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  const key = randomBytes(32);
  const digest = (value: Uint8Array): Buffer => createHmac('sha256', key).update(value).digest();
  return timingSafeEqual(digest(a), digest(b));
}

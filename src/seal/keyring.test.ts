import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createKeyring, type KeyringSpec, openKeyring } from './keyring.ts';
import type { DataKeys, WrappedKey } from './port.ts';
import { openSeal } from './seal.ts';
import { removeRingKey, rewrap, turnKeyring } from './turn-keyring.ts';

let folder: string;
let spec: KeyringSpec & { provider: 'file' };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rekey-ring-'));
  spec = { provider: 'file', path: join(folder, 'keyring') };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The store's rows in memory; `failAfter` ends a re-wrapping in the middle. */
function memory(): DataKeys & { rows: WrappedKey[]; failAfter: number } {
  const rows: WrappedKey[] = [];
  return {
    rows,
    failAfter: Number.POSITIVE_INFINITY,
    async add(row) {
      rows.push({ ...row, wrapped: Buffer.from(row.wrapped), key: String(rows.length + 1) });
      return String(rows.length);
    },
    find: async (key) => rows[Number(key) - 1],
    notUnder: async (ring, after, limit) => rows.filter((r) => r.ring !== ring && Number(r.key) > Number(after)).slice(0, limit),
    async rewrap(key, from, to) {
      if (this.failAfter-- <= 0) throw new Error('power cut');
      const i = Number(key) - 1;
      if (rows[i]?.ring !== from) return false;
      rows[i] = { ...rows[i], ring: to.ring, wrapped: Buffer.from(to.wrapped) };
      return true;
    },
    async under(ring) {
      const found = rows.filter((r) => r.ring === ring).map((r) => r.key);
      return { count: found.length, sample: found.slice(0, 5) };
    },
  };
}

describe('a keyring in a folder', () => {
  test('is made with one key that only this user can read, and never overwritten', async () => {
    const ring = await createKeyring(spec);
    expect([ring.current, ring.ids]).toEqual(['k1', ['k1']]);
    expect(statSync(spec.path).mode & 0o777).toBe(0o700);
    expect(statSync(join(spec.path, 'k1')).mode & 0o777).toBe(0o600);
    const before = readFileSync(join(spec.path, 'k1'), 'utf8');
    await expect(createKeyring(spec)).rejects.toMatchObject({ code: 'conflict' });
    expect(readFileSync(join(spec.path, 'k1'), 'utf8')).toBe(before);
    expect(readdirSync(spec.path)).toEqual(['k1']);
  });

  test.each([0o640, 0o604, 0o660])('is refused, with the remedy, when a key has mode %o', async (mode) => {
    await createKeyring(spec);
    chmodSync(join(spec.path, 'k1'), mode);
    await expect(openKeyring(spec)).rejects.toMatchObject({
      code: 'invalid-config',
      place: join(spec.path, 'k1'),
      hint: expect.stringContaining(`chmod 0600 ${spec.path}`),
    });
  });

  test('is refused when others may write its folder', async () => {
    await createKeyring(spec);
    chmodSync(spec.path, 0o770);
    await expect(openKeyring(spec)).rejects.toMatchObject({ hint: expect.stringContaining('chmod 0700') });
  });

  test('a missing or damaged key says so without showing it', async () => {
    await expect(openKeyring(spec)).rejects.toMatchObject({ code: 'invalid-config', message: 'The keyring has no key.' });
    await createKeyring(spec);
    writeFileSync(join(spec.path, 'k1'), 'c2hvcnQ=\n');
    const error = await openKeyring(spec).catch((e: unknown) => e);
    expect(error).toMatchObject({ message: expect.stringContaining('not base64 of 32 bytes') });
    expect(inspect(error)).not.toContain('c2hvcnQ');
  });

  test('never prints its keys', async () => {
    const ring = await createKeyring(spec);
    const base64 = readFileSync(join(spec.path, 'k1'), 'utf8').trim();
    const printed = inspect(ring, { depth: null, showHidden: true }) + JSON.stringify(ring);
    expect(printed).not.toContain(base64);
    expect(printed).not.toContain(Buffer.from(base64, 'base64').toString('hex'));
  });
});

describe('a keyring in the environment', () => {
  const one = randomBytes(32).toString('base64');
  const two = randomBytes(32).toString('base64');
  const env: KeyringSpec = { provider: 'env', variable: 'RING' };

  test('the first key is the current one; a single key may stand alone', async () => {
    expect(await openKeyring(env, { RING: `k2:${two}, k1:${one}` })).toMatchObject({ current: 'k2', ids: ['k2', 'k1'] });
    expect((await openKeyring(env, { RING: one })).current).toBe('k1');
  });

  test.each([
    ['unset', undefined, /is not set/],
    ['short key', `k1:${one},k2:c2hvcnQ=`, /Key 2 of 2 in RING/],
    ['several without ids', `${one},${two}`, /Key 1 of 2 in RING/],
    ['two of one name', `k1:${one},k1:${two}`, /two keys named k1/],
  ])('%s is refused by position, not by content', async (_, text, message) => {
    const error = await openKeyring(env, { RING: text }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'invalid-config', message: expect.stringMatching(message) });
    expect(inspect(error)).not.toContain(one);
    expect(inspect(error)).not.toContain('c2hvcnQ');
  });
});

describe('data keys under a keyring', () => {
  test('a new data key is stored wrapped and opens in another process', async () => {
    const dataKeys = memory();
    const key = await openSeal({ keyring: await createKeyring(spec), dataKeys }).newDataKey('run R-1');
    const sealed = (await openSeal({ keyring: await openKeyring(spec), dataKeys }).dataKey(key)).seal('place', Buffer.from('value'));
    const again = await openSeal({ keyring: await openKeyring(spec), dataKeys }).dataKey(key);
    expect(again.open('place', sealed).toString()).toBe('value');
    expect(again.key).toBe(key);
    expect(inspect(again, { depth: null, showHidden: true })).not.toMatch(/<Buffer|Uint8Array/);
  });

  test('a key that is not there yet is asked for again, not remembered as missing', async () => {
    const dataKeys = memory();
    const seal = openSeal({ keyring: await createKeyring(spec), dataKeys });
    await expect(seal.dataKey('1')).rejects.toThrow(/Data key 1 is not in the store/);
    await seal.newDataKey('x');
    expect((await seal.dataKey('1')).key).toBe('1');
  });

  test('the wrong keyring names the ring key that is wanted: by absence and by content', async () => {
    const dataKeys = memory();
    const key = await openSeal({ keyring: await createKeyring(spec), dataKeys }).newDataKey('x');
    const other = randomBytes(32).toString('base64');
    for (const RING of [`k9:${other}`, `k1:${other}`]) {
      const keyring = await openKeyring({ provider: 'env', variable: 'RING' }, { RING });
      await expect(openSeal({ keyring, dataKeys }).dataKey(key)).rejects.toMatchObject({
        code: 'invalid-config',
        message: expect.stringContaining('"k1"'),
      });
    }
  });

  test('a wrapped key moved to another purpose does not open', async () => {
    const dataKeys = memory();
    const seal = openSeal({ keyring: await createKeyring(spec), dataKeys });
    const key = await seal.newDataKey('run A');
    dataKeys.rows[0] = { ...(dataKeys.rows[0] as WrappedKey), purpose: 'run B' };
    await expect(seal.dataKey(key)).rejects.toThrow(/k1/);
  });

  test('turning keeps every value readable, goes on after an interruption, and frees the old key only at the end', async () => {
    const dataKeys = memory();
    const before = openSeal({ keyring: await createKeyring(spec), dataKeys });
    const sealed: [string, Buffer][] = [];
    for (let i = 0; i < 20; i++) {
      const key = await before.newDataKey(`run ${i}`);
      sealed.push([key, (await before.dataKey(key)).seal(`at ${i}`, Buffer.from(`value ${i}`))]);
    }
    const readable = async () => {
      const seal = openSeal({ keyring: await openKeyring(spec), dataKeys });
      for (const [i, [key, bytes]] of sealed.entries())
        expect((await seal.dataKey(key)).open(`at ${i}`, bytes).toString()).toBe(`value ${i}`);
    };

    const keyring = await turnKeyring(spec);
    expect([keyring.current, keyring.ids]).toEqual(['k2', ['k2', 'k1']]);
    await readable();
    await expect(removeRingKey(spec, 'k1', dataKeys)).rejects.toMatchObject({ message: '20 data keys still need "k1": 1, 2, 3, 4, 5, ….' });

    dataKeys.failAfter = 7;
    await expect(rewrap({ keyring, dataKeys })).rejects.toThrow('power cut');
    await readable();
    await expect(removeRingKey(spec, 'k1', dataKeys)).rejects.toMatchObject({
      message: expect.stringContaining('13 data keys still need "k1": 8,'),
    });

    dataKeys.failAfter = Number.POSITIVE_INFINITY;
    expect(await rewrap({ keyring, dataKeys })).toBe(13);
    expect(await rewrap({ keyring, dataKeys })).toBe(0);
    await expect(removeRingKey(spec, 'k2', dataKeys)).rejects.toThrow(/current key/);
    await removeRingKey(spec, 'k1', dataKeys);
    expect(readdirSync(spec.path)).toEqual(['k2']);
    await readable();
    await expect(removeRingKey(spec, 'k1', dataKeys)).rejects.toMatchObject({ code: 'not-found' });
  });
});

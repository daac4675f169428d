import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKeyring, type KeyringSpec } from '../../src/seal/keyring.ts';
import { openSeal } from '../../src/seal/seal.ts';
import { removeRingKey, rewrap, turnKeyring } from '../../src/seal/turn-keyring.ts';
import { dataKeysIn } from '../../src/store/data-keys.ts';
import type { Store } from '../../src/store/sql.ts';
import { testStore } from '../harness/store.ts';

const home = mkdtempSync(join(tmpdir(), 'rekey-data-keys-'));
const spec: KeyringSpec = { provider: 'file', path: join(home, 'keyring') };
let store: Store;
beforeAll(async () => {
  store = (await testStore()).store;
});
afterAll(async () => {
  await store.close();
  rmSync(home, { recursive: true, force: true });
});

test('data keys live in the store wrapped, join a transaction, and survive the turning of the keyring', async () => {
  const dataKeys = dataKeysIn(store);
  const before = openSeal({ keyring: await createKeyring(spec), dataKeys });
  await expect(
    store.transaction(async () => {
      await before.newDataKey('rolled back');
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect(await store.query('select 1 from data_key')).toEqual([]);

  const sealed: [string, Buffer][] = [];
  for (let i = 0; i < 7; i++) {
    const key = await store.transaction(() => before.newDataKey(`run ${i}`));
    sealed.push([key, (await before.dataKey(key)).seal('here', Buffer.from(`v${i}`))]);
  }
  const keyring = await turnKeyring(spec);
  await expect(removeRingKey(spec, 'k1', dataKeys)).rejects.toMatchObject({
    message: `7 data keys still need "k1": ${sealed
      .slice(0, 5)
      .map(([key]) => key)
      .join(', ')}, ….`,
  });
  expect(await rewrap({ keyring, dataKeys })).toBe(7);
  await removeRingKey(spec, 'k1', dataKeys);
  const after = openSeal({ keyring, dataKeys });
  for (const [i, [key, bytes]] of sealed.entries()) expect((await after.dataKey(key)).open('here', bytes).toString()).toBe(`v${i}`);
  expect(await dataKeys.rewrap(sealed[0]?.[0] ?? '', 'k1', { ring: 'k9', wrapped: Buffer.of(1) })).toBe(false);
  expect(await dataKeys.find('999999')).toBeUndefined();
});

// Nothing secret leaves before it is on record, nobody gets what is not theirs, and nothing but the live version goes out.
import { Decrypter, generateHybridIdentity, generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SeedRun, seedAccount, seedItem, seedRun, seedSecret, seedSystem, unmasked } from '../../test/harness/escrow-rows.ts';
import { refusal } from '../../test/harness/refusal.ts';
import { testStore } from '../../test/harness/store.ts';
import { Problem } from '../domain/problem.ts';
import { claimStore } from '../store/claims.ts';
import { deliveryStore } from '../store/delivery.ts';
import type { Store } from '../store/sql.ts';
import { type HandoverDeps, handover } from './handover.ts';
import { type RevealDeps, reveal } from './reveal.ts';

let store: Store;
let close: () => Promise<void>;
let dataKey: string;
let run: SeedRun;
const rules = { windowMs: 72 * 3_600_000, reRevealMs: 600_000, perHour: 60 };
const now = new Date('2026-11-20T12:00:00.000Z');
const custodian = { name: 'root', custodian: true, identity: null, session: 'house:root' };
const person = (identity: string) => ({ name: identity, custodian: false, identity, session: `session of ${identity}` });

async function auditLines(): Promise<{ [key: string]: unknown }[]> {
  const rows = await store.fresh.query<{ line: string }>(
    "select e.line from entry e join log l on l.key = e.log where l.name = 'estate' order by e.xid, e.seq",
  );
  return rows.map((row) => JSON.parse(row.line) as { [key: string]: unknown });
}

beforeAll(async () => {
  ({ store, close } = await testStore());
  dataKey = await seedSystem(store, 'corp-ldap');
  run = await seedRun(store, { id: 'R-4T9WZ0AB', plan: 'P-7K3QX2MA', system: 'corp-ldap', dataKey });
  const alice = await seedAccount(store, 'corp-ldap', { id: 'id-alice', name: 'alice', owners: ['alice@example.test'], identity: 'alice' });
  await seedSecret(store, alice, dataKey, { origin: 'leaked', version: 1, state: 'live', text: 'leaked-value' });
  await seedSecret(store, alice, dataKey, { version: 1, state: 'previous', text: 'first-value' });
  await seedSecret(store, alice, dataKey, { version: 2, state: 'live', text: 'live "välue"' });
  await seedSecret(store, alice, dataKey, { version: 3, state: 'candidate', text: 'not-sent-yet' });
  await seedItem(store, run, alice, { state: 'complete', version: 2 });
  const mail = await seedAccount(store, 'corp-ldap', { id: 'id-mail', name: 'svc-mail', owners: ['alice@example.test'], tier: 1 });
  await seedSecret(store, mail, dataKey, { version: 1, state: 'live', text: 'mail-value' });
  await seedItem(store, run, mail, { state: 'complete', version: 1 });
  const doubt = await seedAccount(store, 'corp-ldap', { id: 'id-doubt', name: 'svc-doubt', owners: ['a', 'b'] });
  await seedSecret(store, doubt, dataKey, { version: 1, state: 'live', text: 'maybe-still' });
  await seedSecret(store, doubt, dataKey, { version: 2, state: 'candidate', text: 'maybe-already' });
  await seedItem(store, run, doubt, { state: 'in-doubt', version: 2 });
  const newer = await seedAccount(store, 'corp-ldap', { id: 'id-newer', name: 'svc-newer' });
  await seedSecret(store, newer, dataKey, { version: 1, state: 'previous', text: 'this-run-set-it' });
  await seedSecret(store, newer, dataKey, { version: 2, state: 'live', text: 'a-later-run-set-it' });
  await seedItem(store, run, newer, { state: 'complete', version: 1 });
  const leakedOnly = await seedAccount(store, 'corp-ldap', { id: 'id-leaked', name: 'svc-leaked' });
  await seedSecret(store, leakedOnly, dataKey, { origin: 'leaked', version: 1, state: 'live', text: 'leaked-only' });
  const sealedOnly = await seedAccount(store, 'corp-ldap', { id: 'id-sealed', name: 'svc-sealed' });
  await seedSecret(store, sealedOnly, dataKey, { version: 1, state: 'candidate', text: 'sealed-only' });
  await seedAccount(store, 'corp-ldap', { id: 'twin-1', name: 'twin' });
  await seedAccount(store, 'corp-ldap', { id: 'twin-2', name: 'twin' });
});
afterAll(() => close());

describe('reveal', () => {
  const deps = (): RevealDeps => ({
    store: deliveryStore(store),
    claims: claimStore(store),
    rules,
    openSecret: async (_account, row) => unmasked(row.sealed),
    now: () => now,
  });

  test('a custodian, the owner and the identity get the live version, never a leaked, older or unsent one', async () => {
    for (const caller of [custodian, person('alice@example.test'), person('alice')])
      expect(await reveal(deps(), caller, 'corp-ldap', 'alice')).toMatchObject({ secret: 'live "välue"', version: 2 });
    expect(await reveal(deps(), custodian, 'corp-ldap', 'id-alice')).toMatchObject({ version: 2 });
  });
  test('someone else is refused, and the refusal is on record', async () => {
    const before = (await auditLines()).length;
    for (const name of ['mallory', 'a', '']) {
      const problem = await refusal(reveal(deps(), person(name), 'corp-ldap', 'svc-doubt'));
      expect(problem.code).toBe('not-permitted');
    }
    expect((await auditLines()).slice(before)).toEqual(
      ['mallory', 'a', ''].map((by) => ({
        kind: 'reveal',
        at: now.toISOString(),
        item: 'corp-ldap/id-doubt',
        account: 'svc-doubt',
        by,
        outcome: 'refused: not entitled',
      })),
    );
  });
  test('a crash between the audit and the opening leaves an audit entry, never a secret without one', async () => {
    const before = (await auditLines()).length;
    let seen: unknown;
    const crashing: RevealDeps = {
      ...deps(),
      openSecret: async () => {
        seen = (await auditLines()).at(-1);
        throw new Error('power cut');
      },
    };
    await expect(reveal(crashing, custodian, 'corp-ldap', 'alice')).rejects.toThrow('power cut');
    expect(seen).toMatchObject({ kind: 'reveal', by: 'root', outcome: 'given', version: 2 });
    expect((await auditLines()).length).toBe(before + 1);
  });
  test('when the audit cannot be written, nothing is opened', async () => {
    let opened = false;
    const unwritable: RevealDeps = {
      ...deps(),
      store: { ...deliveryStore(store), audit: () => Promise.reject(new Error('disk full')) },
      openSecret: async (_account, row) => {
        opened = true;
        return unmasked(row.sealed);
      },
    };
    await expect(reveal(unwritable, custodian, 'corp-ldap', 'alice')).rejects.toThrow('disk full');
    expect(opened).toBe(false);
  });
  test('inside a transaction that could still roll back, nothing is opened', async () => {
    let opened = false;
    const inside: RevealDeps = {
      ...deps(),
      openSecret: async (_account, row) => {
        opened = true;
        return unmasked(row.sealed);
      },
    };
    await expect(store.transaction(() => reveal(inside, custodian, 'corp-ldap', 'alice'))).rejects.toThrow();
    expect(opened).toBe(false);
  });
  test.each([
    ['svc-doubt', 'conflict', 'version 2 of corp-ldap/svc-doubt is in place is in doubt'],
    ['svc-sealed', 'conflict', 'candidate'],
    ['svc-leaked', 'not-found', 'never set one'],
    ['twin', 'conflict', '2 accounts'],
    ['nobody', 'not-found', 'no account'],
  ])('%s is refused with the state it is in', async (account, code, words) => {
    const problem = await refusal(reveal(deps(), custodian, 'corp-ldap', account));
    expect([problem.code, problem.message]).toEqual([code, expect.stringContaining(words)]);
    expect(problem.hint).not.toBe(undefined);
  });
});

describe('hand-over', () => {
  let identity: string;
  let recipient: string;
  beforeAll(async () => {
    identity = await generateIdentity();
    recipient = await identityToRecipient(identity);
  });
  const deps = (more: Partial<HandoverDeps> = {}): HandoverDeps => ({
    store: deliveryStore(store),
    openSecret: async (_account, row) => unmasked(row.sealed),
    estate: 'acme',
    now: () => now,
    random: (n) => crypto.getRandomValues(new Uint8Array(n)),
    assertApproved: async () => undefined,
    ...more,
  });
  const all = async (stream: AsyncIterable<Uint8Array>): Promise<Buffer> => {
    const parts: Uint8Array[] = [];
    for await (const part of stream) parts.push(part);
    return Buffer.concat(parts);
  };
  const request = (more: object = {}) => ({ run: 'R-4T9WZ0AB', recipients: [recipient], ...more });

  test("the file decrypts with the identity and holds exactly the run's live secrets", async () => {
    const { id, age } = await handover(deps(), custodian, request());
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const text = await decrypter.decrypt(await all(age), 'text');
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { system: 'corp-ldap', account: 'alice', secret: 'live "välue"', version: 2 },
      { system: 'corp-ldap', account: 'svc-mail', secret: 'mail-value', version: 1 },
    ]);
    expect((await auditLines()).at(-1)).toMatchObject({
      kind: 'handover',
      handover: id,
      by: 'root',
      count: 2,
      outcome: 'written',
      recipients: [recipient],
    });
  });
  test('a selector narrows it, and each spelling of one selector is one request', async () => {
    const asked: string[] = [];
    const d = deps({
      assertApproved: async ({ id }) => {
        asked.push(id);
        throw new Problem('approval-missing', { message: `${id} needs an approval` });
      },
    });
    for (const where of ['tier = 1', 'tier=1'])
      expect((await refusal(handover(d, custodian, request({ where })))).code).toBe('approval-missing');
    expect(asked[0]).toMatch(/^H-/);
    expect(asked[1]).toBe(asked[0]);
    const { id, age } = await handover(deps(), custodian, request({ where: 'tier = 1' }));
    expect(id).toBe(asked[0]);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    expect(JSON.parse(await decrypter.decrypt(await all(age), 'text'))).toMatchObject({ account: 'svc-mail' });
  });
  test('without its approvals no secret is opened and nothing reads as written', async () => {
    let opened = 0;
    const before = (await auditLines()).length;
    const d = deps({
      assertApproved: async ({ id, hash }) => {
        const record = await deliveryStore(store).handover(id);
        expect(record).toMatchObject({ id, hash, writtenAt: null, createdBy: 'root' });
        throw new Problem('approval-missing', { message: id });
      },
      openSecret: async (_account, row) => {
        opened += 1;
        return unmasked(row.sealed);
      },
    });
    await refusal(handover(d, custodian, request()));
    expect([opened, (await auditLines()).length]).toEqual([0, before]);
  });
  test('one approval is good for one file', async () => {
    const d = deps({ store: { ...deliveryStore(store), takeHandover: async () => false } });
    expect((await refusal(handover(d, custodian, request()))).code).toBe('conflict');
    const first = await handover(deps(), custodian, request());
    await all(first.age);
    const second = await handover(deps(), custodian, request());
    expect(second.id).not.toBe(first.id);
  });
  test('other versions or other recipients are another request', async () => {
    const hashes = new Set<string>();
    const d = deps({
      assertApproved: async ({ hash }) => {
        hashes.add(hash);
        throw new Problem('approval-missing', { message: 'x' });
      },
    });
    const other = await identityToRecipient(await generateIdentity());
    await refusal(handover(d, custodian, request()));
    await refusal(handover(d, custodian, request({ recipients: [recipient, other] })));
    await refusal(handover(d, { ...custodian, name: 'bob' }, request()));
    await store.query("update account set tier = 3 where id = 'id-mail'");
    await refusal(handover(d, custodian, request({ where: 'tier = 3' })));
    expect(hashes.size).toBe(4);
    await store.query("update account set tier = 1 where id = 'id-mail'");
  });
  test('when a secret changes while the file is written, the file does not decrypt to its end', async () => {
    const real = deliveryStore(store);
    let reads = 0;
    const shrinking = {
      ...real,
      async *live(...args: Parameters<typeof real.live>) {
        reads += 1;
        for await (const page of real.live(...args)) yield reads === 1 ? page : page.slice(1);
      },
    };
    const { age } = await handover(deps({ store: shrinking }), custodian, request());
    expect((await refusal(all(age))).code).toBe('plan-stale');
  });
  test('someone who is not a custodian is refused, and the refusal is on record', async () => {
    expect((await refusal(handover(deps(), person('alice'), request()))).code).toBe('not-permitted');
    expect((await auditLines()).at(-1)).toMatchObject({ kind: 'handover', by: 'alice', outcome: 'refused: not a custodian' });
  });
  test('bad recipients are refused before anything is asked, and a private key is not repeated', async () => {
    for (const recipients of [[], [''], ['age1nonsense'], ['ssh-ed25519 AAAA'], [recipient, 'bob']]) {
      const problem = await refusal(handover(deps(), custodian, { run: 'R-4T9WZ0AB', recipients }));
      expect(problem.code, recipients.join()).toBe('usage');
    }
    const problem = await refusal(handover(deps(), custodian, { run: 'R-4T9WZ0AB', recipients: [identity] }));
    expect(JSON.stringify([problem.message, problem.hint, problem.place])).not.toContain(identity.slice(16, 30));
  });
  test('a post-quantum recipient works', async () => {
    const hybrid = await generateHybridIdentity();
    const { age } = await handover(deps(), custodian, request({ recipients: [await identityToRecipient(hybrid)] }));
    const decrypter = new Decrypter();
    decrypter.addIdentity(hybrid);
    expect(await decrypter.decrypt(await all(age), 'text')).toContain('mail-value');
  });
  test('an unknown run and an empty choice are said plainly', async () => {
    expect((await refusal(handover(deps(), custodian, request({ run: 'R-00000000' })))).message).toContain('no run');
    expect((await refusal(handover(deps(), custodian, request({ where: 'name = nobody' })))).message).toContain('no secret');
  });
  test('a large run is opened only as fast as the file is read', async () => {
    let opened = 0;
    const account = {
      key: '1',
      system: 'corp-ldap',
      id: 'x',
      name: 'x',
      login: null,
      kind: 'service' as const,
      owner: null,
      identity: null,
    };
    const row = { origin: 'generated', version: 1, state: 'live', dataKey: '1', sealed: new Uint8Array(200) } as const;
    const many = {
      ...deliveryStore(store),
      async *live() {
        for (let i = 0; i < 100; i += 1) yield Array.from({ length: 500 }, () => ({ account, row }));
      },
    };
    const d = deps({
      store: many,
      openSecret: async (_account, { sealed }) => {
        opened += 1;
        return unmasked(sealed);
      },
    });
    const { age } = await handover(d, custodian, request());
    const reader = age[Symbol.asyncIterator]();
    await reader.next();
    await reader.next();
    // two chunks of 64 KiB hold about 450 lines; what the stream reads ahead is bounded, not the 50,000 of the run
    expect(opened).toBeLessThan(2_000);
    await reader.return?.();
  });
});

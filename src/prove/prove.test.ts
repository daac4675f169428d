// On a real store: proving writes one bundle that verifies with real signatures, or none at all.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type SeedRun, seedAccount, seedItem, seedRun, seedSystem } from '../../test/harness/escrow-rows.ts';
import { itemLines } from '../../test/harness/sample-run.ts';
import { testStore } from '../../test/harness/store.ts';
import { signSsh } from '../approve/make-sshsig.ts';
import { approvalMessage, approvalNamespace } from '../approve/message.ts';
import { parsePublicKey } from '../approve/ssh-public-key.ts';
import { wireString } from '../approve/ssh-wire.ts';
import { isSigned, parseSignature } from '../approve/sshsig.ts';
import { base64 } from '../cryptography/bytes.ts';
import { nodeCryptography } from '../cryptography/node.ts';
import { entryLine } from '../domain/entry.ts';
import { canonical } from '../domain/json.ts';
import { evidenceOf } from '../store/evidence.ts';
import { runRecords } from '../store/report.ts';
import type { Store } from '../store/sql.ts';
import { bundleNames } from './bundle-files.ts';
import { BundleStore } from './bundle-store.ts';
import type { VerifyApproval } from './port.ts';
import { type ProveDeps, prove } from './prove.ts';
import { newLogKey, signerOf } from './sign-note.ts';
import { verifyBundle } from './verify.ts';

const run = 'R-4T9WZ0AB';
const where = { path: 'bind', replica: 'ldap-1' };
let store: Store;
let close: () => Promise<void>;
let root: string;
let folder: string;
let deps: ProveDeps;
let seeded: SeedRun;
let item: string;

const verifyApproval: VerifyApproval = ({ publicKey, signature, message }) => {
  const read = parseSignature(signature);
  return (
    read.namespace === approvalNamespace &&
    publicKey.includes(base64(read.key.blob)) &&
    isSigned(read, Buffer.from(message), nodeCryptography)
  );
};

beforeAll(async () => {
  ({ store, close } = await testStore());
  root = await mkdtemp(join(tmpdir(), 'rekey-prove-'));
  const dataKey = await seedSystem(store, 'corp-ldap');
  const lines = ['a1', 'a2'].map((id) =>
    canonical({
      system: 'corp-ldap',
      id,
      account: `svc-${id}`,
      action: id === 'a1' ? 'rotate' : 'blocked',
      reason: id === 'a1' ? null : 'two-owners',
    }),
  );
  const digest = createHash('sha256')
    .update(lines.map((line) => `${line}\n`).join(''))
    .digest('hex');
  const header = canonical({
    where: 'tag = leaked',
    reason: 'leak',
    incident: null,
    items: { count: 2, digest },
    notCovered: [{ reason: 'no connector', count: 3, sample: ['fax'], hint: 'by hand' }],
  });
  const hash = createHash('sha256').update(header).digest('hex');
  seeded = await seedRun(store, { id: run, plan: 'P-7K3QX2MA', planHash: hash, header, state: 'complete', system: 'corp-ldap', dataKey });
  const evidence = evidenceOf(store);
  await evidence.append(run, [
    entryLine('run', new Date('2026-11-20T10:00:00Z'), { state: 'running', by: 'alice' }),
    ...itemLines('corp-ldap/a1', 'svc-a1', 1, where),
  ]);
  for (const [i, line] of lines.entries()) {
    const id = `a${i + 1}`;
    const account = await seedAccount(store, 'corp-ldap', { id, name: `svc-${id}`, owners: ['alice'], tier: 1 });
    await store.query(
      "insert into plan_item (plan, seq, wave, account, system, action, line, fingerprint) values ('P-7K3QX2MA', $1, 1, $2::int8, 'corp-ldap', 'rotate', $3, 'f')",
      [i, account, line],
    );
    const key = await seedItem(
      store,
      seeded,
      account,
      i === 0 ? { state: 'complete', version: 1 } : { state: 'excluded', error: 'two-owners' },
    );
    if (i > 0) continue;
    item = key;
    await store.query(
      "insert into cell (item, path, replica, verdict, level, code, at) values ($1::int8, 'bind', 'ldap-1', 'proved', 'probed', '49', '2026-11-20T10:00:07.123Z')",
      [key],
    );
    await store.query(
      "insert into exception (id, run, item, path, owner, reason, expires_at) values ('X-00000001', $1::int8, $2::int8, null, 'alice', '=cmd', '2027-01-01Z')",
      [seeded.key, key],
    );
  }
  // a real approval, as `rekey approve` makes it
  const { privateKey, publicKey: half } = generateKeyPairSync('ed25519');
  const raw = half.export({ format: 'der', type: 'spki' }).subarray(-32);
  const publicKey = `ssh-ed25519 ${Buffer.concat([wireString('ssh-ed25519'), wireString(raw)]).toString('base64')}`;
  const message = approvalMessage({ id: 'P-7K3QX2MA', hash, estate: 'acme' });
  const signature = signSsh({ public: parsePublicKey(publicKey), key: privateKey }, approvalNamespace, Buffer.from(message));
  await store.query("insert into approval (plan, approver, method, public_key, signature) values ('P-7K3QX2MA', 'alice', 'ssh', $1, $2)", [
    publicKey,
    signature,
  ]);
  const { key, seed } = newLogKey('rekey/acme');
  deps = {
    evidence,
    records: runRecords(store),
    signer: await signerOf(key.name, (f) => f(seed)),
    estate: 'acme',
    demo: false,
    tool: 'rekey 0.1.0',
    now: () => new Date('2026-11-20T12:00:00Z'),
    approvalMessage,
    derivatives: async () => [],
    bundles: new BundleStore(root),
    verifyApproval,
    reprove: async () => undefined,
  };
});
beforeEach(async () => {
  folder = join(root, run);
  await store.query("update run set state = 'complete'");
  await store.query("update item set state = 'complete' where key = $1::int8", [item]);
});
afterAll(async () => {
  await close();
  await rm(root, { recursive: true, force: true });
});

test('prove proves again, signs, and leaves one bundle that verifies offline with the approval in it', async () => {
  const reproved: string[] = [];
  const evidence = evidenceOf(store);
  const { size, files } = await prove(
    {
      ...deps,
      async reprove(id) {
        reproved.push(id);
        await evidence.append(id, [
          entryLine('probe', new Date('2026-11-20T11:00:00Z'), {
            item: 'corp-ldap/a1',
            account: 'svc-a1',
            ...where,
            secret: 'old',
            verdict: 'rejected',
            code: '49',
          }),
        ]);
      },
    },
    run,
  );
  expect([reproved, size, [...files].sort()]).toEqual([[run], 13, [...bundleNames].sort()]);
  expect(await verifyBundle(folder, { verifyApproval, key: deps.signer.key.line })).toMatchObject({
    ok: true,
    entries: 13,
    items: 2,
    approvals: ['alice'],
    pinned: true,
  });
  expect((await readdir(root)).sort()).toEqual([run]);
  const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as object;
  expect(report).toMatchObject({
    run: { id: run, startedAt: '2026-11-20T10:00:00.000Z', endedAt: '2026-11-20T10:00:40.000Z' },
    plan: { where: 'tag = leaked', reason: 'leak' },
    coverage: { selected: 2, closes: true },
    cells: [{ path: 'bind', level: 'probed', proved: 1 }],
    notCovered: [{ reason: 'no connector', count: 3 }],
    exceptions: { count: 1, first: [{ id: 'X-00000001', on: 'corp-ldap/svc-a1', owner: 'alice' }] },
    troubles: [{ state: 'excluded', reason: 'two-owners', count: 1 }],
    exposure: { tiers: [{ name: 'tier 1', items: 2, denied: 1, first: 7 }] },
  });
  expect(await readFile(join(folder, 'exceptions.csv'), 'utf8')).toContain("'=cmd");
  expect(await readFile(join(folder, 'items.ndjson'), 'utf8')).toContain('"at":"2026-11-20T10:00:07.123Z"');
});

test('proving twice replaces the bundle and keeps the first note of an unchanged log', async () => {
  const [first, second] = [await prove(deps, run), await prove(deps, run)];
  expect(second.note).toBe(first.note);
  expect(await verifyBundle(folder, { verifyApproval })).toMatchObject({ ok: true });
});

test('files are served by name, and nothing else is', async () => {
  await prove(deps, run);
  const parts: Uint8Array[] = [];
  for await (const part of await deps.bundles.file(run, 'checkpoint')) parts.push(part);
  expect(Buffer.concat(parts).toString()).toMatch(/^rekey\/acme\/R-4T9WZ0AB\n/);
  for (const [id, name] of [
    [run, '../../etc/passwd'],
    [run, 'x'],
    ['R-00000000', 'checkpoint'],
    ['../R', 'checkpoint'],
  ] as const)
    await expect(deps.bundles.file(id, name), `${id} ${name}`).rejects.toMatchObject({ code: 'not-found' });
});

describe('no bundle is written', () => {
  test('while the run moves', async () => {
    await store.query("update run set state = 'running'");
    await expect(prove(deps, run)).rejects.toMatchObject({ code: 'still-running' });
  });
  test('for a run that is not there', async () => {
    await expect(prove(deps, 'R-00000000')).rejects.toMatchObject({ code: 'not-found' });
  });
  test('when the rows say more than the log, and the bundle before it stays', async () => {
    await prove(deps, run);
    const before = await readFile(join(folder, 'manifest.note'), 'utf8');
    await store.query("update item set state = 'proved' where key = $1::int8", [item]);
    await expect(prove(deps, run)).rejects.toMatchObject({ code: 'evidence-altered', message: expect.stringContaining('items.ndjson') });
    expect(await readFile(join(folder, 'manifest.note'), 'utf8')).toBe(before);
    expect(await readdir(root)).toEqual([run]);
  });
  test('when an approval in the store was exchanged', async () => {
    const [row] = await store.query<{ public_key: string }>('select public_key from approval');
    await store.query("update approval set public_key = 'ssh-ed25519 AAAA'");
    await expect(prove(deps, run)).rejects.toMatchObject({ message: expect.stringContaining('approvals.json') });
    await store.query('update approval set public_key = $1', [row?.public_key]);
  });
  test('when a cell was written by hand', async () => {
    await store.query(
      "insert into cell (item, path, replica, verdict, level, code, at) values ($1::int8, 'vpn', 'x', 'proved', 'probed', '0', now())",
      [item],
    );
    await expect(prove(deps, run)).rejects.toMatchObject({ message: expect.stringContaining('vpn') });
    await store.query("delete from cell where path = 'vpn'");
  });
});

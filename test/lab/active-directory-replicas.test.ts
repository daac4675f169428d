// Two writable controllers whose replication runs only when told, and a second domain beside: what one knows the other may not.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LabSamba, startSamba } from '../../lab/samba.ts';
import { readKrbtgt, resetKrbtgt } from '../../src/connectors/active-directory/krbtgt.ts';
import { Own } from '../../src/connectors/active-directory/own.ts';
import { TicketKey } from '../../src/connectors/active-directory/ticket-key.ts';
import type { AccountRef, Check, Found } from '../../src/kit/kit.ts';
import { SpentBudget } from '../../src/verify/budget.ts';
import { type Verified, verifyItem } from '../../src/verify/verify-item.ts';
import { accountsOf, adminDomain, bindsAs, doneOf, fresh, nonsense, type Opened, old, openAd, refOf } from './active-directory-ground.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-ad2-'));
let lab: LabSamba;
let other: LabSamba;
let ad: Opened;
let accounts: ReadonlyMap<string, Found>;
let urls: readonly [string, string];
let next = 0;

beforeAll(async () => {
  const started = await startSamba({ dir: folder, controllers: 2, other: true });
  lab = started;
  other = started.other as LabSamba;
  urls = [lab.controllers[0]?.url as string, lab.controllers[1]?.url as string];
  ad = await openAd(lab);
  accounts = await accountsOf(ad);
});
afterAll(async () => {
  await ad?.[Symbol.asyncDispose]();
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const someone = (): AccountRef => refOf(accounts, lab.names.person(next++));
const at = (replica: string) => ({ path: 'ldaps', replica });
const failures = async (account: AccountRef, replica: string) => doneOf(await ad.lockout.read(account, at(replica))).failures;

async function verified(account: AccountRef, value: ReturnType<typeof fresh>, changedAfter: Date): Promise<Verified> {
  return verifyItem({
    account,
    connection: ad,
    paths: (await ad.probe.paths()).map((where) => ({ where, record: where.replica, connection: ad })),
    fresh: value,
    olds: [old(lab, account.name)],
    nonsense,
    changedAfter,
    spent: new SpentBudget(60_000, () => 0),
    canaryProved: () => false,
    now: () => new Date(),
    pace: { probe: (probe) => probe(), read: (read) => read() },
  });
}

describe('a controller that lags', () => {
  test('is awaited by reading its record, without one login there; when it has caught up every controller is proved', async () => {
    const account = refOf(accounts, lab.names.lockable(0));
    const began = new Date(Date.now() - 1000);
    doneOf(await ad.setSecret.set(account, fresh(1)));
    for (let n = 0; n < 4; n++) {
      const waiting = await verified(account, fresh(1), began);
      expect(waiting.again?.why).toContain(`waits for replication: ${urls[1]}`);
      expect(waiting.cells.map(({ replica, verdict }) => [replica, verdict])).toEqual([
        [urls[0], 'proved'],
        [urls[1], 'not-proved'],
      ]);
    }
    expect(doneOf(await ad.state.read(account, urls[1])).usable).toBe(true);
    await lab.replicate();
    const after = await verified(account, fresh(1), began);
    expect(after.cells.map(({ replica, verdict, level }) => [replica, verdict, level])).toEqual([
      [urls[0], 'proved', 'probed'],
      [urls[1], 'proved', 'probed'],
    ]);
  });

  test('polled with logins instead would be locked out: each counts there, and only there', async () => {
    const account = refOf(accounts, lab.names.lockable(1));
    doneOf(await ad.setSecret.set(account, fresh(2)));
    await ad.probe.attempt(account, fresh(2), at(urls[0]));
    for (let n = 0; n < 3; n++) await ad.probe.attempt(account, fresh(2), at(urls[1]));
    expect(await failures(account, urls[1])).toBe(3);
    expect(await failures(account, urls[0])).toBe(0);
    expect((await ad.probe.attempt(account, old(lab, account.name), at(urls[1]))).code).toBe('49/775');
    expect((await ad.probe.attempt(account, fresh(2), at(urls[0]))).verdict).toBe('accepted');
  });

  test('has another marker until it holds the change, and then the same', async () => {
    const account = someone();
    const marker = async (replica: string) => doneOf(await ad.state.read(account, replica)).marker;
    expect(await marker(urls[0])).toBe(await marker(urls[1]));
    doneOf(await ad.setSecret.set(account, fresh(3)));
    expect(await marker(urls[0])).not.toBe(await marker(urls[1]));
    await lab.replicate();
    expect(await marker(urls[0])).toBe(await marker(urls[1]));
  });

  test('goes on letting in who is disabled: the marker tells that the block has not arrived', async () => {
    const account = someone();
    doneOf(await ad.contain.block(account));
    expect((await ad.probe.attempt(account, old(lab, account.name), at(urls[1]))).verdict).toBe('accepted');
    expect(doneOf(await ad.state.read(account, urls[0])).marker).not.toBe(doneOf(await ad.state.read(account, urls[1])).marker);
    await lab.replicate();
    expect((await ad.probe.attempt(account, old(lab, account.name), at(urls[1]))).code).toBe('49/533');
  });

  test('the higher of two failure counts is the one that may lock: a controller passes its failures on to the PDC emulator', async () => {
    const account = refOf(accounts, lab.names.lockable(2));
    await ad.probe.attempt(account, nonsense, at(urls[0]));
    expect(await failures(account, urls[0])).toBe(1);
    expect(await failures(account, urls[1])).toBe(1);
  });
});

describe('the PDC emulator', () => {
  test('takes the writes and is asked first, wherever it stands in the estate file', async () => {
    const opened = await openAd(lab, { controllers: [urls[1], urls[0]] });
    const account = someone();
    doneOf(await opened.setSecret.set(account, fresh(4)));
    expect(await bindsAs(lab, account.name, 'Fresh-Value-4-x9Q', 0)).toBe(true);
    expect(await bindsAs(lab, account.name, 'Fresh-Value-4-x9Q', 1)).toBe(false);
    expect((await opened.probe.paths()).map(({ replica }) => replica)).toEqual(urls);
    await opened[Symbol.asyncDispose]();
  });

  test('that is not listed is no reason to write elsewhere: nothing is sent, and the check names it', async () => {
    const opened = await openAd(lab, { controllers: [urls[1]] });
    const account = someone();
    expect(await opened.setSecret.set(account, fresh(5))).toMatchObject({
      kind: 'refused',
      fault: { code: 'unreachable', message: expect.stringContaining('PDC') },
    });
    const checks: Check[] = [];
    for await (const check of opened.check.run()) checks.push(check);
    expect(checks.find(({ id }) => id === 'pdc')).toMatchObject({ verdict: 'fail', next: expect.stringContaining('controllers') });
    await opened[Symbol.asyncDispose]();
  });
});

test('a controller that the estate file forgets is found in the directory and named', async () => {
  const opened = await openAd(lab, { controllers: [urls[0]] });
  const checks: Check[] = [];
  for await (const check of opened.check.run()) checks.push(check);
  expect(checks.filter(({ verdict }) => verdict !== 'ok')).toMatchObject([
    { id: 'replicas', verdict: 'warn', message: expect.stringContaining('dc2.lab.test') },
  ]);
  await opened[Symbol.asyncDispose]();
});

test('a domain beside with the same names keeps its own accounts: an id of the one is nothing in the other', async () => {
  const beside = await openAd(other);
  const theirs = refOf(await accountsOf(beside), other.names.person(0));
  const ours = refOf(accounts, lab.names.person(0));
  expect(theirs.name).toBe(ours.name);
  doneOf(await beside.setSecret.set(theirs, fresh(6)));
  expect(await bindsAs(other, theirs.name, 'Fresh-Value-6-x9Q')).toBe(true);
  expect(await bindsAs(lab, ours.name, 'Fresh-Value-6-x9Q')).toBe(false);
  expect(await ad.setSecret.set(theirs, fresh(7))).toMatchObject({ kind: 'refused', fault: { code: 'not-found' } });
  await beside[Symbol.asyncDispose]();
});

test('krbtgt: the next reset waits until every controller holds the last one, and that is read, not guessed', async () => {
  const domain = adminDomain(lab);
  const [first, second] = domain.controllers;
  if (first === undefined || second === undefined) throw new Error('two controllers');
  const { keyVersion } = doneOf(await readKrbtgt(domain, first));
  const { after } = doneOf(await resetKrbtgt(domain, keyVersion));
  const key = new TicketKey(domain, new Own(domain));
  const versions = async () => {
    const read = doneOf(await key.read({ system: 'lab', id: after.guid, name: after.name }));
    return urls.map((url) => read.find(({ replica }) => replica === url)?.generation);
  };
  expect(await versions()).toEqual([keyVersion + 1, keyVersion]);
  await lab.replicate();
  await expect.poll(versions, { timeout: 10_000 }).toEqual([keyVersion + 1, keyVersion + 1]);
  expect(doneOf(await readKrbtgt(domain, second)).keyVersion).toBe(keyVersion + 1);
  domain.close();
});

test('a controller that is down is a failing check of its own and says nothing about a password', async () => {
  await lab.controllers[1]?.stop();
  const opened = await openAd(lab);
  const checks: Check[] = [];
  for await (const check of opened.check.run()) checks.push(check);
  expect(checks.find(({ id }) => id === 'replicas')).toMatchObject({ verdict: 'fail', message: expect.stringContaining(urls[1]) });
  const account = someone();
  expect((await opened.probe.attempt(account, nonsense, at(urls[1]))).verdict).toBe('indeterminate');
  expect((await opened.state.read(account, urls[1])).kind).toBe('refused');
  doneOf(await opened.setSecret.set(account, fresh(8)));
  await lab.controllers[1]?.start();
  await lab.replicate();
  expect(await bindsAs(lab, account.name, 'Fresh-Value-8-x9Q', 1)).toBe(true);
  await opened[Symbol.asyncDispose]();
});

test('the writes follow the role: when another controller becomes PDC emulator, it takes them', async () => {
  await lab.tool('samba-tool', ['fsmo', 'seize', '--role=pdc', '--force', ...lab.local(1)], 1);
  await lab.replicate('back');
  const opened = await openAd(lab);
  const account = someone();
  doneOf(await opened.setSecret.set(account, fresh(9)));
  expect((await opened.probe.paths()).map(({ replica }) => replica)).toEqual([urls[1], urls[0]]);
  expect(await bindsAs(lab, account.name, 'Fresh-Value-9-x9Q', 1)).toBe(true);
  expect(await bindsAs(lab, account.name, 'Fresh-Value-9-x9Q', 0)).toBe(false);
  await lab.replicate('back');
  expect(await bindsAs(lab, account.name, 'Fresh-Value-9-x9Q', 0)).toBe(true);
  await opened[Symbol.asyncDispose]();
});

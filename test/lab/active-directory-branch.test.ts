// A read-only controller that keeps a password: what it goes on taking, and what Rekey says of it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rekeyUser } from '../../lab/samba/seed.ts';
import { type LabSamba, startSamba } from '../../lab/samba.ts';
import { type Branch, startBranch } from '../../lab/samba-branch.ts';
import type { AccountRef, Check, Found } from '../../src/kit/kit.ts';
import { SpentBudget } from '../../src/verify/budget.ts';
import { type Verified, verifyItem } from '../../src/verify/verify-item.ts';
import { accountsOf, doneOf, fresh, nonsense, type Opened, old, openAd, refOf } from './active-directory-ground.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-ad-branch-'));
let lab: LabSamba;
let branch: Branch;
let ad: Opened;
/** The estate file of somebody who lists the read-only controller among the others. */
let listed: Opened;
let accounts: ReadonlyMap<string, Found>;

beforeAll(async () => {
  lab = await startSamba({ dir: folder });
  branch = await startBranch(lab, folder);
  // Rekey logs in there too, to read when a password has changed.
  await branch.keep(rekeyUser);
  ad = await openAd(lab);
  listed = await openAd(lab, { controllers: [lab.controllers[0]?.url, branch.url], ca: branch.ca });
  accounts = await accountsOf(ad);
}, 300_000);
afterAll(async () => {
  await listed?.[Symbol.asyncDispose]();
  await ad?.[Symbol.asyncDispose]();
  await branch?.stop();
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const atBranch = () => ({ path: 'ldaps', replica: branch.url });
const atBranchWith = async (account: AccountRef, secret: ReturnType<typeof fresh>) =>
  (await listed.probe.attempt(account, secret, atBranch())).verdict;

async function verified(account: AccountRef, value: ReturnType<typeof fresh>, changedAfter: Date): Promise<Verified> {
  return verifyItem({
    account,
    connection: listed,
    paths: (await listed.probe.paths()).map((where) => ({ where, record: where.replica, connection: listed })),
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

describe('a read-only controller', () => {
  test('takes a password it has kept until it has replicated; listed as a controller it is awaited, and nothing is proved before', async () => {
    const account = refOf(accounts, lab.names.person(0));
    await branch.keep(account.name);
    expect(await atBranchWith(account, old(lab, account.name))).toBe('accepted');
    const began = new Date(Date.now() - 1000);
    doneOf(await ad.setSecret.set(account, fresh(1)));
    expect(await atBranchWith(account, old(lab, account.name))).toBe('accepted');
    const waiting = await verified(account, fresh(1), began);
    expect(waiting.again?.why).toContain(`waits for replication: ${branch.url}`);
    expect(waiting.cells.find(({ replica }) => replica === branch.url)?.verdict).toBe('not-proved');
    await branch.replicate();
    expect(await atBranchWith(account, old(lab, account.name))).not.toBe('accepted');
    await branch.keep(account.name);
    expect(await atBranchWith(account, fresh(1))).toBe('accepted');
  });

  test('that cannot ask a writable one says nothing of a password it does not keep: no verdict', async () => {
    const account = refOf(accounts, lab.names.person(1));
    for (const secret of [old(lab, account.name), nonsense])
      expect(await listed.probe.attempt(account, secret, atBranch())).toEqual({ verdict: 'indeterminate', code: '49/51f' });
  });

  test('is named by doctor though no estate file lists it', async () => {
    const found: Check[] = [];
    for await (const check of ad.check.run()) found.push(check);
    const named = found.find(({ message }) => message.toLowerCase().includes(branch.name));
    expect(named).toMatchObject({ id: 'replicas', verdict: 'warn', message: expect.stringContaining('is a read-only controller') });
  });

  test('and its krbtgt are tasks for people: neither is ever reset here', async () => {
    const computer = accounts.get('BRANCH$');
    const krbtgt = [...accounts.values()].find(({ name }) => /^krbtgt_\d+$/.test(name));
    expect([computer?.byHand?.task, krbtgt?.byHand?.task]).toEqual(['domain controllers', 'krbtgt']);
    for (const each of [computer, krbtgt])
      expect(await ad.setSecret.set(refOf(accounts, each?.name as string), fresh(2))).toMatchObject({ kind: 'refused' });
  });
});

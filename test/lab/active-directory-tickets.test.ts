// Kerberos tickets on a real KDC: what a reset leaves alive, how long, and how many krbtgt resets it takes, which is proved and not counted.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'ldapts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LabSamba, startSamba } from '../../lab/samba.ts';
import { activeDirectory } from '../../src/connectors/active-directory/active-directory.ts';
import type { Domain } from '../../src/connectors/active-directory/domain.ts';
import { KerberosHome } from '../../src/connectors/active-directory/kerberos.ts';
import { presentOldTicket, readKrbtgt, resetKrbtgt } from '../../src/connectors/active-directory/krbtgt.ts';
import type { Found } from '../../src/kit/kit.ts';
import {
  accountsOf,
  adminDomain,
  doneOf,
  fresh,
  nonsense,
  type Opened,
  old,
  openAd,
  refOf,
  resetBytes,
  tampered,
} from './active-directory-ground.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-ad3-'));
const spn = 'ldap/dc1.lab.test';
const minute = 60_000;
let lab: LabSamba;
let ad: Opened;
let accounts: ReadonlyMap<string, Found>;
let domain: Domain;
const homes: KerberosHome[] = [];

beforeAll(async () => {
  lab = await startSamba({ dir: folder });
  ad = await openAd(lab);
  accounts = await accountsOf(ad);
  domain = adminDomain(lab);
});
afterAll(async () => {
  for (const home of homes) home.remove();
  domain?.close();
  await ad?.[Symbol.asyncDispose]();
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Logged on as that account, as a workstation would be, before anything is reset. */
async function loggedOn(name: string): Promise<KerberosHome> {
  const home = new KerberosHome({ realm: lab.realm, kdc: lab.controllers[0]?.ip as string, port: 88 }, 10_000);
  homes.push(home);
  const said = await home.ticket(name, old(lab, name), 'tgt', ['-r', '7d']);
  if (!said.ok) throw new Error(said.text);
  return home;
}
const person = (n: number) => refOf(accounts, lab.names.person(n));

describe('a ticket taken before a reset', () => {
  test('goes on buying service tickets and is renewed; its end is told to the minute', async () => {
    const account = person(0);
    const home = await loggedOn(account.name);
    const [session] = doneOf(await ad.sessions.list(account));
    doneOf(await ad.setSecret.set(account, fresh(1)));
    expect((await home.serviceTicket(spn)).ok).toBe(true);
    expect((await home.renew()).ok).toBe(true);
    const ended = doneOf(await ad.sessions.end(account, new Date()));
    expect(ended).toMatchObject({ ended: 0, left: 1 });
    const week = 7 * 24 * 60 * minute + 5 * minute;
    const until = Date.now() + (ended.residualMs ?? 0);
    expect(Math.abs(until - ((session?.startedAt.getTime() ?? 0) + week))).toBeLessThan(2 * minute);
  });

  test('is refused while the account is disabled, and what is left then ends within one ticket life', async () => {
    const account = person(1);
    const home = await loggedOn(account.name);
    doneOf(await ad.contain.block(account));
    doneOf(await ad.setSecret.set(account, fresh(2)));
    expect((await home.serviceTicket(spn)).ok).toBe(false);
    expect((await home.renew()).ok).toBe(false);
    const { left, residualMs } = doneOf(await ad.sessions.end(account, new Date()));
    expect(left).toBe(1);
    expect(residualMs).toBeGreaterThan(600 * minute);
    expect(residualMs).toBeLessThanOrEqual(607 * minute);
    // A window that ends sooner would let the ticket work again.
    doneOf(await ad.contain.unblock(account));
    expect((await home.serviceTicket(spn)).ok).toBe(true);
  });

  test('does not exist where nobody logged on: a login over LDAP takes none', async () => {
    const account = person(2);
    await ad.probe.attempt(account, old(lab, account.name), { path: 'ldaps', replica: lab.controllers[0]?.url as string });
    expect(doneOf(await ad.sessions.list(account))).toEqual([]);
    expect(doneOf(await ad.sessions.end(account, new Date()))).toEqual({ ended: 0, left: 0 });
  });

  test('counts as one logon on its controller, side by side as well; a service ticket, a renewal and a login over LDAP count as none', async () => {
    const account = person(5);
    const client = new Client({ url: lab.controllers[0]?.url as string, tlsOptions: { ca: [readFileSync(lab.ca)] }, timeout: 10_000 });
    await client.bind(lab.admin.user, lab.admin.password);
    const shown = async () => {
      const attributes = ['logonCount', 'lastLogon'];
      const { searchEntries } = await client.search(lab.base, { filter: `(sAMAccountName=${account.name})`, attributes });
      return [Number(searchEntries[0]?.logonCount), Number(searchEntries[0]?.lastLogon)] as const;
    };
    const home = await loggedOn(account.name);
    const [count, at] = await shown();
    expect(count).toBe(1);
    expect((await home.serviceTicket(spn)).ok).toBe(true);
    expect((await home.renew()).ok).toBe(true);
    await ad.probe.attempt(account, old(lab, account.name), { path: 'ldaps', replica: lab.controllers[0]?.url as string });
    expect(await shown()).toEqual([count, at]);
    await Promise.all(Array.from({ length: 4 }, () => loggedOn(account.name)));
    const [after, last] = await shown();
    expect(after).toBe(count + 4);
    expect(last).toBeGreaterThan(at);
    await client.unbind();
  });

  test('is dead by the calendar where the logon is long ago', async () => {
    const opened = await openAd(lab, { tickets: { maxTicketMinutes: 1, maxRenewMinutes: 1, maxServiceMinutes: 1, maxSkewMinutes: 0 } });
    const account = person(3);
    await loggedOn(account.name);
    expect(doneOf(await opened.sessions.list(account))).toHaveLength(1);
    expect(doneOf(await opened.sessions.end(account, new Date(Date.now() - 3 * minute)))).toEqual({ ended: 0, left: 0 });
    await opened[Symbol.asyncDispose]();
  });
});

test('an LDAP connection bound with the old password goes on reading after the reset and the disabling, and is declared', async () => {
  const account = person(9);
  const client = new Client({ url: lab.controllers[0]?.url as string, tlsOptions: { ca: [readFileSync(lab.ca)] }, timeout: 5_000 });
  await client.bind(`${account.name}@${lab.realm.toLowerCase()}`, lab.firstPassword(account.name));
  const reads = async () => (await client.search(lab.base, { scope: 'base', attributes: ['objectGUID'] })).searchEntries.length;
  expect(await reads()).toBe(1);
  doneOf(await ad.setSecret.set(account, fresh(9)));
  doneOf(await ad.contain.block(account));
  expect(await reads()).toBe(1);
  await client.unbind();
  expect(activeDirectory.derivatives.some(({ what }) => what.startsWith('Open sessions: LDAP'))).toBe(true);
});

describe('Kerberos as a way in', () => {
  test('tells a wrong password, a disabled account, one that must change, and no KDC apart', async () => {
    const opened = await openAd(lab, { kerberos: { realm: 'LAB.TEST' } });
    const where = { path: 'kerberos', replica: lab.controllers[0]?.url as string };
    const account = person(4);
    expect(await opened.probe.attempt(account, old(lab, account.name), where)).toEqual({ verdict: 'accepted', code: '0' });
    expect((await opened.probe.attempt(account, nonsense, where)).verdict).toBe('rejected');
    doneOf(await opened.contain.block(account));
    expect((await opened.probe.attempt(account, old(lab, account.name), where)).verdict).toBe('blocked');
    doneOf(await opened.contain.unblock(account));
    await lab.modify(`dn: ${lab.dn(account.name)}\nchangetype: modify\nreplace: pwdLastSet\npwdLastSet: 0\n`);
    expect((await opened.probe.attempt(account, old(lab, account.name), where)).verdict).toBe('blocked');
    await opened[Symbol.asyncDispose]();
    const dead = await openAd(lab, { kerberos: { realm: 'LAB.TEST', port: 9 } });
    expect(await dead.probe.attempt(person(5), nonsense, where)).toEqual({ verdict: 'indeterminate', code: 'krb/no-kdc' });
    await dead[Symbol.asyncDispose]();
  });
});

const keyVersion = async () => doneOf(await readKrbtgt(domain, domain.controllers[0] as Domain['controllers'][number])).keyVersion;

describe('krbtgt', () => {
  test('is not reset on a key version that has moved: an earlier reset may have gone through', async () => {
    const now = await keyVersion();
    expect(await resetKrbtgt(domain, now - 1)).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
    expect(await keyVersion()).toBe(now);
  });

  test('whose answer is lost is found by reading: one reset, not two', async () => {
    const now = await keyVersion();
    const proxy = await tampered(lab);
    const through = adminDomain({ ...lab, controllers: [{ ...lab.controllers[0], url: proxy.url } as LabSamba['controllers'][number]] });
    await readKrbtgt(through, through.controllers[0] as Domain['controllers'][number]);
    proxy.swallowReplies(resetBytes);
    const reset = doneOf(await resetKrbtgt(through, now));
    expect([reset.before.keyVersion, reset.after.keyVersion]).toEqual([now, now + 1]);
    expect(await keyVersion()).toBe(now + 1);
    through.close();
    await proxy.stop();
  });

  test('whose reset never arrived is left in doubt with a word of warning, and is not sent again', async () => {
    const now = await keyVersion();
    const proxy = await tampered(lab);
    const through = adminDomain({ ...lab, controllers: [{ ...lab.controllers[0], url: proxy.url } as LabSamba['controllers'][number]] });
    const lost = proxy.loseRequests(resetBytes, { times: 5 });
    expect(await resetKrbtgt(through, now)).toMatchObject({
      kind: 'indeterminate',
      fault: { message: expect.stringContaining('do not reset again') },
    });
    expect(lost.hits).toBe(1);
    expect(await keyVersion()).toBe(now);
    through.close();
    await proxy.stop();
  });

  test('an old ticket is presented after each reset: here it dies at the third, where two are usually counted', async () => {
    const home = await loggedOn(lab.names.person(6));
    const lived: string[] = [];
    for (let n = 0; n < 3; n++) {
      lived.push((await presentOldTicket(home, spn)).verdict);
      doneOf(await resetKrbtgt(domain, await keyVersion()));
    }
    expect(lived).toEqual(['alive', 'alive', 'alive']);
    expect(await presentOldTicket(home, spn)).toMatchObject({
      verdict: 'dead',
      text: expect.stringContaining('Key version is not available'),
    });
    expect((await home.renew()).ok).toBe(false);
    expect((await presentOldTicket(await loggedOn(lab.names.person(7)), spn)).verdict).toBe('alive');
  });

  test('a service that does not exist is no proof that the ticket is dead', async () => {
    expect((await presentOldTicket(await loggedOn(lab.names.person(8)), 'http/no-such-service')).verdict).toBe('unclear');
  });
});

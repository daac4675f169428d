// One real controller: the password before the last is ended on every path, and a replay pushes no value further than needed.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LabSamba } from '../../lab/samba.ts';
import type { Check, Found } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import {
  accountsOf,
  bindsAs,
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
import { type One, oneController } from './active-directory-one.ts';

let on: One;
let lab: LabSamba;
let ad: Opened;
let accounts: ReadonlyMap<string, Found>;
let url: string;

beforeAll(async () => {
  on = await oneController();
  ({ lab, ad, accounts, url } = on);
});
afterAll(() => on?.stop());

describe('the password before the last', () => {
  test('is still taken by LDAP and NTLM after a single reset, while Kerberos refuses it: a check by Kerberos alone would call it dead', async () => {
    const opened = await openAd(lab, { previousPassword: 'leave', kerberos: { realm: 'LAB.TEST' } });
    const account = on.someone();
    doneOf(await opened.setSecret.set(account, fresh(1)));
    expect(await on.ldaps(opened, account, old(lab, account.name))).toEqual({ verdict: 'accepted', code: '0' });
    expect((await on.kerberos(opened, account, old(lab, account.name))).verdict).toBe('rejected');
    expect(await on.ntlm(account.name, lab.firstPassword(account.name))).toBe(true);
    const checks: Check[] = [];
    for await (const check of opened.check.run()) checks.push(check);
    expect(checks.find(({ id }) => id === 'previous')?.verdict).toBe('warn');
    await opened[Symbol.asyncDispose]();
  });

  test('is dead at once on LDAP, NTLM and Kerberos after the double reset', async () => {
    const opened = await openAd(lab, { kerberos: { realm: 'LAB.TEST' } });
    const account = on.someone();
    doneOf(await opened.setSecret.set(account, fresh(2)));
    for (const attempt of [on.ldaps, on.kerberos]) {
      expect((await attempt(opened, account, fresh(2))).verdict).toBe('accepted');
      expect((await attempt(opened, account, nonsense)).verdict).toBe('rejected');
      expect((await attempt(opened, account, old(lab, account.name))).verdict).toBe('rejected');
      expect((await attempt(opened, account, fresh(2))).verdict).toBe('accepted');
    }
    expect(await on.ntlm(account.name, 'Fresh-Value-2-x9Q')).toBe(true);
    expect(await on.ntlm(account.name, lab.firstPassword(account.name))).toBe(false);
    await opened[Symbol.asyncDispose]();
  });

  test('is dead at once where people must change: the new one is right but not usable (773), a wrong one is told from it', async () => {
    const opened = await openAd(lab, { previousPassword: 'must-change' });
    const account = on.someone();
    doneOf(await opened.setSecret.set(account, fresh(3)));
    expect(await on.ldaps(opened, account, fresh(3))).toEqual({ verdict: 'blocked', code: '49/773', right: true });
    expect(await on.ldaps(opened, account, old(lab, account.name))).toEqual({ verdict: 'rejected', code: '49/52e' });
    expect(await on.ldaps(opened, account, nonsense)).toEqual({ verdict: 'rejected', code: '49/52e' });
    await opened[Symbol.asyncDispose]();
  });

  test('must-change is for people: a service gets the double reset and goes on working', async () => {
    const opened = await openAd(lab, { previousPassword: 'must-change' });
    const account = refOf(accounts, lab.names.service(0));
    doneOf(await opened.setSecret.set(account, fresh(4)));
    expect((await on.ldaps(opened, account, fresh(4))).verdict).toBe('accepted');
    expect((await on.ldaps(opened, account, old(lab, account.name))).verdict).toBe('rejected');
    await opened[Symbol.asyncDispose]();
  });
});

test('who the estate file calls a person is one, for must-change too', async () => {
  const opened = await openAd(lab, { previousPassword: 'must-change', peopleFilter: '(sAMAccountName=svc-0002)' });
  const account = refOf(accounts, lab.names.service(2));
  expect(accounts.get(account.name)?.kind).toBe('service');
  expect((await accountsOf(opened)).get(account.name)?.kind).toBe('human');
  doneOf(await opened.setSecret.set(account, fresh(22)));
  expect((await on.ldaps(opened, account, fresh(22))).code).toBe('49/773');
  await opened[Symbol.asyncDispose]();
});

describe('a replay', () => {
  test('after a crash between the two writes sends the final value alone: the throw-away is never entered twice', async () => {
    const account = on.someone();
    const proxy = await tampered(lab);
    let seen = 0;
    proxy.loseRequests((write) => write.includes(resetBytes) && ++seen === 2);
    const first = await openAd(lab, { controllers: [proxy.url] });
    expect((await first.setSecret.set(account, fresh(5))).kind).toBe('indeterminate');
    await first[Symbol.asyncDispose]();
    await proxy.stop();
    expect(await on.version(account)).toBe(2);
    // What the engine then asks: the new value is not there, the old one is still taken. It sends again, from another process.
    expect((await on.ldaps(ad, account, fresh(5))).verdict).toBe('rejected');
    expect((await on.ldaps(ad, account, old(lab, account.name))).verdict).toBe('accepted');
    const second = await openAd(lab);
    doneOf(await second.setSecret.set(account, fresh(5)));
    expect(await on.version(account)).toBe(3);
    expect((await on.ldaps(second, account, fresh(5))).verdict).toBe('accepted');
    expect((await on.ldaps(second, account, old(lab, account.name))).verdict).toBe('rejected');
    await second[Symbol.asyncDispose]();
  });

  test('after an answer lost at the end changes nothing, in this process and in another', async () => {
    const account = on.someone();
    const proxy = await tampered(lab);
    let seen = 0;
    proxy.swallowReplies((write) => write.includes(resetBytes) && ++seen === 2);
    const first = await openAd(lab, { controllers: [proxy.url] });
    expect((await first.setSecret.set(account, fresh(6))).kind).toBe('indeterminate');
    expect(await on.version(account)).toBe(3);
    doneOf(await first.setSecret.set(account, fresh(6)));
    const second = await openAd(lab);
    doneOf(await second.setSecret.set(account, fresh(6)));
    doneOf(await second.setSecret.set(account, fresh(6)));
    expect(await on.version(account)).toBe(3);
    for (const each of [first, second]) await each[Symbol.asyncDispose]();
    await proxy.stop();
  });

  test('keeps the leaked value within the two the controller forgives: clients that still send it lock nobody out', async () => {
    const account = refOf(accounts, lab.names.lockable(0));
    const opened = await openAd(lab);
    for (let n = 0; n < 3; n++) doneOf(await opened.setSecret.set(account, fresh(7)));
    expect((await on.ldaps(opened, account, fresh(7))).verdict).toBe('accepted');
    for (let n = 0; n < 4; n++) expect((await on.ldaps(opened, account, old(lab, account.name))).verdict).toBe('rejected');
    expect(doneOf(await opened.lockout.read(account, { path: 'ldaps', replica: url })).failures).toBe(0);
    expect((await on.ldaps(opened, account, fresh(7))).verdict).toBe('accepted');
    await opened[Symbol.asyncDispose]();
  });

  test('is not taken for one when somebody else changed the password since', async () => {
    const account = on.someone();
    doneOf(await ad.setSecret.set(account, fresh(8)));
    const value = Buffer.from('"Somebody-Elses-1aA"', 'utf16le').toString('base64');
    await on.change(account.name, `replace: unicodePwd\nunicodePwd:: ${value}`);
    doneOf(await ad.setSecret.set(account, fresh(8)));
    expect(await bindsAs(lab, account.name, 'Somebody-Elses-1aA')).toBe(false);
    expect((await on.ldaps(ad, account, fresh(8))).verdict).toBe('accepted');
  });

  test('a throw-away in place and a final value refused is in doubt, never "unchanged"', async () => {
    const account = on.someone();
    const proxy = await tampered(lab);
    const opened = await openAd(lab, { controllers: [proxy.url] });
    doneOf(await opened.state.read(account, proxy.url));
    // The line dies after the throw-away and nobody answers any more: the final write never leaves.
    proxy.swallowReplies((write) => write.includes(resetBytes), { sees: 'close' }).answered.then(() => proxy.refuse());
    const outcome = await opened.setSecret.set(account, fresh(9));
    expect(outcome.kind).toBe('indeterminate');
    await opened[Symbol.asyncDispose]();
    await proxy.stop();
  });
});

test('a password filter that LDAP does not show refuses the second write: in doubt at first, then refused, and another value goes in', async () => {
  const account = on.someone();
  const filtered = secretOf('v1', 'Filtered-Value-1-x9Q');
  const first = await ad.setSecret.set(account, filtered);
  expect(first).toMatchObject({ kind: 'indeterminate', fault: { code: 'policy', message: expect.stringContaining('throw-away') } });
  expect((await on.ldaps(ad, account, filtered)).verdict).toBe('rejected');
  expect((await on.ldaps(ad, account, old(lab, account.name))).verdict).toBe('accepted');
  expect(await ad.setSecret.set(account, filtered)).toMatchObject({ kind: 'refused', fault: { code: 'policy' } });
  expect(await on.version(account)).toBe(2);
  doneOf(await ad.setSecret.set(account, fresh(23)));
  expect((await on.ldaps(ad, account, fresh(23))).verdict).toBe('accepted');
  expect((await on.ldaps(ad, account, old(lab, account.name))).verdict).toBe('rejected');
});

test('no password reaches a log of the controller', async () => {
  const account = on.someone();
  const values = ['Canary-In-The-Log-1aA', 'Canary-Refused-22-bB'];
  doneOf(await ad.setSecret.set(account, secretOf('v1', values[0] as string)));
  await on.ldaps(ad, account, secretOf('wrong', values[1] as string));
  const dir = lab.controllers[0]?.logDir as string;
  const logs = readdirSync(dir)
    .map((file) => readFileSync(join(dir, file), 'latin1'))
    .join('\n');
  expect(logs).toContain(account.name);
  for (const value of values)
    for (const form of [value, Buffer.from(`"${value}"`, 'utf16le').toString('latin1')]) expect(logs.includes(form)).toBe(false);
});

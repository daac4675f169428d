// One real controller: the password before the last, replays, lockouts, unusable accounts, and everything that is classified instead of reset.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'ldapts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LabSamba, startSamba } from '../../lab/samba.ts';
import { kerberosPath } from '../../src/connectors/active-directory/probe.ts';
import { tierZeroSecrets } from '../../src/connectors/active-directory/tier-zero.ts';
import type { AccountRef, Check, Found, Secret } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import {
  accountsOf,
  adminDomain,
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

const folder = mkdtempSync(join(tmpdir(), 'rekey-ad-'));
let lab: LabSamba;
let ad: Opened;
let accounts: ReadonlyMap<string, Found>;
let next = 0;
let url: string;

beforeAll(async () => {
  const filter = join(folder, 'password-filter');
  writeFileSync(filter, '#!/bin/sh\n! grep -q Filtered\n', { mode: 0o755 });
  lab = await startSamba({ dir: join(folder, 'lab'), passwordFilter: filter });
  url = lab.controllers[0]?.url as string;
  ad = await openAd(lab);
  accounts = await accountsOf(ad);
});
afterAll(async () => {
  await ad?.[Symbol.asyncDispose]();
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const someone = (): AccountRef => refOf(accounts, lab.names.person(next++));
const ldaps = (opened: Opened, account: AccountRef, secret: Secret) =>
  opened.probe.attempt(account, secret, { path: 'ldaps', replica: url });
const kerberos = (opened: Opened, account: AccountRef, secret: Secret) =>
  opened.probe.attempt(account, secret, { path: kerberosPath, replica: url });
const withKerberos = { kerberos: { realm: 'LAB.TEST' } };
const facts = async (name: string) => (await accountsOf(ad)).get(name)?.facts ?? {};
const change = (name: string, lines: string) => lab.modify(`dn: ${lab.dn(name)}\nchangetype: modify\n${lines}\n`);

/** A login by NTLM over LDAP (SASL), as an old client makes it. */
async function ntlm(name: string, text: string): Promise<boolean> {
  const file = join(folder, 'ntlm');
  writeFileSync(file, `username = ${name}\npassword = ${text}\ndomain = LAB\n`, { mode: 0o600 });
  const ask = ['-H', `ldap://${lab.controllers[0]?.ip}`, '-A', file, '--use-kerberos=off', '-s', 'base', '-b', lab.base, 'dn'];
  return lab.tool('ldbsearch', ask).then(
    () => true,
    (error: Error) => {
      if (!/INVALID_CREDENTIALS|LOGON_FAILURE/.test(error.message)) throw error;
      return false;
    },
  );
}

describe('the password before the last', () => {
  test('is still taken by LDAP and NTLM after a single reset, while Kerberos refuses it: a check by Kerberos alone would call it dead', async () => {
    const opened = await openAd(lab, { previousPassword: 'leave', ...withKerberos });
    const account = someone();
    doneOf(await opened.setSecret.set(account, fresh(1)));
    expect(await ldaps(opened, account, old(lab, account.name))).toEqual({ verdict: 'accepted', code: '0' });
    expect((await kerberos(opened, account, old(lab, account.name))).verdict).toBe('rejected');
    expect(await ntlm(account.name, lab.firstPassword(account.name))).toBe(true);
    const checks: Check[] = [];
    for await (const check of opened.check.run()) checks.push(check);
    expect(checks.find(({ id }) => id === 'previous')?.verdict).toBe('warn');
    await opened[Symbol.asyncDispose]();
  });

  test('is dead at once on LDAP, NTLM and Kerberos after the double reset', async () => {
    const opened = await openAd(lab, withKerberos);
    const account = someone();
    doneOf(await opened.setSecret.set(account, fresh(2)));
    for (const attempt of [ldaps, kerberos]) {
      expect((await attempt(opened, account, fresh(2))).verdict).toBe('accepted');
      expect((await attempt(opened, account, nonsense)).verdict).toBe('rejected');
      expect((await attempt(opened, account, old(lab, account.name))).verdict).toBe('rejected');
      expect((await attempt(opened, account, fresh(2))).verdict).toBe('accepted');
    }
    expect(await ntlm(account.name, 'Fresh-Value-2-x9Q')).toBe(true);
    expect(await ntlm(account.name, lab.firstPassword(account.name))).toBe(false);
    await opened[Symbol.asyncDispose]();
  });

  test('is dead at once where people must change: the new one is right but not usable (773), a wrong one is told from it', async () => {
    const opened = await openAd(lab, { previousPassword: 'must-change' });
    const account = someone();
    doneOf(await opened.setSecret.set(account, fresh(3)));
    expect(await ldaps(opened, account, fresh(3))).toEqual({ verdict: 'blocked', code: '49/773' });
    expect(await ldaps(opened, account, old(lab, account.name))).toEqual({ verdict: 'rejected', code: '49/52e' });
    expect(await ldaps(opened, account, nonsense)).toEqual({ verdict: 'rejected', code: '49/52e' });
    await opened[Symbol.asyncDispose]();
  });

  test('must-change is for people: a service gets the double reset and goes on working', async () => {
    const opened = await openAd(lab, { previousPassword: 'must-change' });
    const account = refOf(accounts, lab.names.service(0));
    doneOf(await opened.setSecret.set(account, fresh(4)));
    expect((await ldaps(opened, account, fresh(4))).verdict).toBe('accepted');
    expect((await ldaps(opened, account, old(lab, account.name))).verdict).toBe('rejected');
    await opened[Symbol.asyncDispose]();
  });
});

const version = async (account: AccountRef): Promise<unknown> => (await facts(account.name)).passwordVersion;

test('who the estate file calls a person is one, for must-change too', async () => {
  const opened = await openAd(lab, { previousPassword: 'must-change', peopleFilter: '(sAMAccountName=svc-0002)' });
  const account = refOf(accounts, lab.names.service(2));
  expect(accounts.get(account.name)?.kind).toBe('service');
  expect((await accountsOf(opened)).get(account.name)?.kind).toBe('human');
  doneOf(await opened.setSecret.set(account, fresh(22)));
  expect((await ldaps(opened, account, fresh(22))).code).toBe('49/773');
  await opened[Symbol.asyncDispose]();
});

describe('a replay', () => {
  test('after a crash between the two writes sends the final value alone: the throw-away is never entered twice', async () => {
    const account = someone();
    const proxy = await tampered(lab);
    let seen = 0;
    proxy.loseRequests((write) => write.includes(resetBytes) && ++seen === 2);
    const first = await openAd(lab, { controllers: [proxy.url] });
    expect((await first.setSecret.set(account, fresh(5))).kind).toBe('indeterminate');
    await first[Symbol.asyncDispose]();
    await proxy.stop();
    expect(await version(account)).toBe(2);
    // What the engine then asks: the new value is not there, the old one is still taken. It sends again, from another process.
    expect((await ldaps(ad, account, fresh(5))).verdict).toBe('rejected');
    expect((await ldaps(ad, account, old(lab, account.name))).verdict).toBe('accepted');
    const second = await openAd(lab);
    doneOf(await second.setSecret.set(account, fresh(5)));
    expect(await version(account)).toBe(3);
    expect((await ldaps(second, account, fresh(5))).verdict).toBe('accepted');
    expect((await ldaps(second, account, old(lab, account.name))).verdict).toBe('rejected');
    await second[Symbol.asyncDispose]();
  });

  test('after an answer lost at the end changes nothing, in this process and in another', async () => {
    const account = someone();
    const proxy = await tampered(lab);
    let seen = 0;
    proxy.swallowReplies((write) => write.includes(resetBytes) && ++seen === 2);
    const first = await openAd(lab, { controllers: [proxy.url] });
    expect((await first.setSecret.set(account, fresh(6))).kind).toBe('indeterminate');
    expect(await version(account)).toBe(3);
    doneOf(await first.setSecret.set(account, fresh(6)));
    const second = await openAd(lab);
    doneOf(await second.setSecret.set(account, fresh(6)));
    doneOf(await second.setSecret.set(account, fresh(6)));
    expect(await version(account)).toBe(3);
    for (const each of [first, second]) await each[Symbol.asyncDispose]();
    await proxy.stop();
  });

  test('keeps the leaked value within the two the controller forgives: clients that still send it lock nobody out', async () => {
    const account = refOf(accounts, lab.names.lockable(0));
    const opened = await openAd(lab);
    for (let n = 0; n < 3; n++) doneOf(await opened.setSecret.set(account, fresh(7)));
    expect((await ldaps(opened, account, fresh(7))).verdict).toBe('accepted');
    for (let n = 0; n < 4; n++) expect((await ldaps(opened, account, old(lab, account.name))).verdict).toBe('rejected');
    expect(doneOf(await opened.lockout.read(account, { path: 'ldaps', replica: url })).failures).toBe(0);
    expect((await ldaps(opened, account, fresh(7))).verdict).toBe('accepted');
    await opened[Symbol.asyncDispose]();
  });

  test('is not taken for one when somebody else changed the password since', async () => {
    const account = someone();
    doneOf(await ad.setSecret.set(account, fresh(8)));
    const value = Buffer.from('"Somebody-Elses-1aA"', 'utf16le').toString('base64');
    await change(account.name, `replace: unicodePwd\nunicodePwd:: ${value}`);
    doneOf(await ad.setSecret.set(account, fresh(8)));
    expect(await bindsAs(lab, account.name, 'Somebody-Elses-1aA')).toBe(false);
    expect((await ldaps(ad, account, fresh(8))).verdict).toBe('accepted');
  });

  test('a throw-away in place and a final value refused is in doubt, never "unchanged"', async () => {
    const account = someone();
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
  const account = someone();
  const filtered = secretOf('v1', 'Filtered-Value-1-x9Q');
  const first = await ad.setSecret.set(account, filtered);
  expect(first).toMatchObject({ kind: 'indeterminate', fault: { code: 'policy', message: expect.stringContaining('throw-away') } });
  expect((await ldaps(ad, account, filtered)).verdict).toBe('rejected');
  expect((await ldaps(ad, account, old(lab, account.name))).verdict).toBe('accepted');
  expect(await ad.setSecret.set(account, filtered)).toMatchObject({ kind: 'refused', fault: { code: 'policy' } });
  expect(await version(account)).toBe(2);
  doneOf(await ad.setSecret.set(account, fresh(23)));
  expect((await ldaps(ad, account, fresh(23))).verdict).toBe('accepted');
  expect((await ldaps(ad, account, old(lab, account.name))).verdict).toBe('rejected');
});

describe('a locked account', () => {
  test('answers 775 to the right and to a wrong password, so neither is a verdict on it; a reset does not unlock it', async () => {
    const account = refOf(accounts, lab.names.lockable(1));
    for (let n = 0; n < 3; n++) await ldaps(ad, account, nonsense);
    doneOf(await ad.setSecret.set(account, fresh(10)));
    expect(await ldaps(ad, account, fresh(10))).toEqual({ verdict: 'blocked', code: '49/775' });
    expect(await ldaps(ad, account, nonsense)).toEqual({ verdict: 'blocked', code: '49/775' });
    expect(doneOf(await ad.state.read(account, url)).usable).toBe(false);
    expect((await facts(account.name)).locked).toBe(true);
  });

  test('is unlocked by a reset when the estate file asks for it', async () => {
    const opened = await openAd(lab, { unlock: true });
    const account = refOf(accounts, lab.names.lockable(2));
    for (let n = 0; n < 3; n++) await ldaps(opened, account, nonsense);
    doneOf(await opened.setSecret.set(account, fresh(11)));
    expect((await ldaps(opened, account, fresh(11))).verdict).toBe('accepted');
    await opened[Symbol.asyncDispose]();
  });

  test('is not made by the connector: its own look before a write stays below the threshold', async () => {
    const account = refOf(accounts, lab.names.lockable(3));
    await ldaps(ad, account, nonsense);
    const opened = await openAd(lab);
    doneOf(await opened.setSecret.set(account, fresh(12)));
    expect(doneOf(await opened.lockout.read(account, { path: 'ldaps', replica: url })).failures).toBe(1);
    expect((await ldaps(opened, account, fresh(12))).verdict).toBe('accepted');
    await opened[Symbol.asyncDispose]();
  });
});

describe('a fine-grained policy', () => {
  test('is the one that is read for its accounts; a value it refuses is refused before the throw-away goes out', async () => {
    const account = refOf(accounts, lab.names.strict(0));
    expect(doneOf(await ad.passwordPolicy.read(account)).minLength).toBe(60);
    expect(doneOf(await ad.passwordPolicy.read()).minLength).toBe(12);
    expect(await ad.setSecret.set(account, fresh(13))).toMatchObject({ kind: 'refused', fault: { code: 'policy' } });
    expect(await version(account)).toBe(1);
    doneOf(await ad.setSecret.set(account, secretOf('v1', `Long-${'value-'.repeat(10)}9Q`)));
  });

  test('that Rekey may not read still refuses at the first write, when nothing has changed', async () => {
    const opened = await openAd(lab, {}, { user: lab.rekey.user });
    const account = refOf(accounts, lab.names.strict(1));
    const container = `CN=Password Settings Container,CN=System,${lab.base}`;
    await lab.tool('samba-tool', [
      'dsacl',
      'set',
      ...lab.local(),
      '--action=deny',
      `--objectdn=CN=sixty-characters,${container}`,
      '--sddl=(D;;RPLCLO;;;AU)',
    ]);
    expect(await opened.passwordPolicy.read(account)).toMatchObject({ kind: 'refused', fault: { code: 'permission' } });
    expect(await opened.setSecret.set(account, fresh(14))).toMatchObject({ kind: 'refused', fault: { code: 'policy' } });
    expect(await version(account)).toBe(1);
    await opened[Symbol.asyncDispose]();
  });
});

describe('an account that cannot be used', () => {
  test('disabled (533) and expired (701) with the right password are blocked; a wrong one is rejected all the same', async () => {
    const [disabled, expired] = [someone(), someone()];
    await change(disabled.name, 'replace: userAccountControl\nuserAccountControl: 514');
    await change(expired.name, 'replace: accountExpires\naccountExpires: 131000000000000000');
    expect(await ldaps(ad, disabled, old(lab, disabled.name))).toEqual({ verdict: 'blocked', code: '49/533' });
    expect(await ldaps(ad, disabled, nonsense)).toEqual({ verdict: 'rejected', code: '49/52e' });
    expect(await ldaps(ad, expired, old(lab, expired.name))).toEqual({ verdict: 'blocked', code: '49/701' });
    expect(doneOf(await ad.state.read(expired, url)).usable).toBe(false);
    expect((await accountsOf(ad)).get(disabled.name)?.enabled).toBe(false);
  });

  test('somebody who is disabled stays disabled through a reset', async () => {
    const account = someone();
    doneOf(await ad.contain.block(account));
    doneOf(await ad.setSecret.set(account, fresh(15)));
    expect(await ldaps(ad, account, fresh(15))).toEqual({ verdict: 'blocked', code: '49/533' });
    doneOf(await ad.contain.unblock(account));
    expect((await ldaps(ad, account, fresh(15))).verdict).toBe('accepted');
  });

  test('disabling changes one flag and leaves the others', async () => {
    const account = someone();
    await change(account.name, 'replace: userAccountControl\nuserAccountControl: 66048');
    doneOf(await ad.contain.block(account));
    expect((await facts(account.name)).weak).toEqual(['password-never-expires']);
    doneOf(await ad.contain.unblock(account));
    expect((await facts(account.name)).weak).toEqual(['password-never-expires']);
  });
});

describe('what is not an ordinary account', () => {
  test('is classified and refused with what to do instead, never skipped in silence', async () => {
    const card = someone();
    await change(card.name, 'replace: userAccountControl\nuserAccountControl: 262656');
    await lab.add(`dn: CN=WS1,CN=Computers,${lab.base}\nobjectClass: computer\nsAMAccountName: WS1$\nuserAccountControl: 4096\n`);
    const all = await accountsOf(ad);
    for (const [name, principal] of [
      [card.name, 'smartcard-only'],
      ['WS1$', 'computer'],
      ['DC1$', 'domain-controller'],
      ['krbtgt', 'krbtgt'],
    ] as const) {
      expect(all.get(name)?.facts).toMatchObject({ principal, reset: expect.stringMatching(/^by hand: /) });
      expect(await ad.setSecret.set(refOf(all, name), fresh(16))).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
    }
    expect(all.get('krbtgt')).toMatchObject({ privileged: true, facts: { tierZero: true } });
    expect(all.get(card.name)?.facts.smartcardOnly).toBe(true);
  });

  test('a protected account is out of reach of delegated rights, and the refusal says why', async () => {
    const administrator = refOf(accounts, 'Administrator');
    expect(accounts.get('Administrator')).toMatchObject({ privileged: true, facts: { protected: true } });
    const outcome = await ad.setSecret.set(administrator, fresh(17));
    expect(outcome).toMatchObject({ kind: 'refused', fault: { code: 'permission', message: expect.stringContaining('AdminSDHolder') } });
  });

  test('Rekey’s own account is neither reset nor blocked', async () => {
    const own = refOf(accounts, 'rekey');
    expect(accounts.get('rekey')).toMatchObject({ privileged: true, facts: { own: true } });
    expect(await ad.setSecret.set(own, fresh(18))).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
    expect(await ad.contain.block(own)).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
  });

  test('trusts, managed service accounts and the key of Seamless SSO are named for what they are', async () => {
    const managed = `CN=Managed Service Accounts,${lab.base}`;
    await lab.add(
      [
        `dn: CN=other.test,CN=System,${lab.base}\nobjectClass: trustedDomain\ntrustPartner: other.test\nflatName: OTHER\ntrustDirection: 3\ntrustType: 2\ntrustAttributes: 8\n`,
        `dn: CN=gweb,${managed}\nobjectClass: msDS-GroupManagedServiceAccount\nsAMAccountName: gweb$\nuserAccountControl: 4096\nmsDS-ManagedPasswordInterval: 30\n`,
        `dn: CN=sweb,${managed}\nobjectClass: msDS-ManagedServiceAccount\nsAMAccountName: sweb$\nuserAccountControl: 4096\n`,
        `dn: CN=AZUREADSSOACC,CN=Computers,${lab.base}\nobjectClass: computer\nsAMAccountName: AZUREADSSOACC$\nuserAccountControl: 4096\n`,
      ].join('\n'),
    );
    const all = await accountsOf(ad, 9);
    for (const [name, principal, tierZero] of [
      ['other.test', 'trust', true],
      ['gweb$', 'gmsa', undefined],
      ['sweb$', 'smsa', undefined],
      ['AZUREADSSOACC$', 'seamless-sso', true],
    ] as const) {
      expect(all.get(name)?.facts).toMatchObject({ principal, ...(tierZero && { tierZero }) });
      expect(await ad.setSecret.set(refOf(all, name), fresh(21))).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
    }
  });

  test('Tier-0 secrets that are no accounts are in the inventory: DSRM of each controller, KDS root keys, certificate authorities', async () => {
    const services = `CN=Services,CN=Configuration,${lab.base}`;
    const kds = `CN=Group Key Distribution Service,${services}`;
    const key = '11111111-2222-3333-4444-555555555555';
    const values = [
      `msKds-DomainID: CN=DC1,OU=Domain Controllers,${lab.base}`,
      `msKds-RootKeyData:: ${Buffer.alloc(64, 7).toString('base64')}`,
      'msKds-CreateTime: 133000000000000000\nmsKds-UseStartTime: 133000000000000000\nmsKds-Version: 1\nmsKds-KDFAlgorithmID: SP800_108_CTR_HMAC',
      'msKds-PrivateKeyLength: 512\nmsKds-PublicKeyLength: 2048\nmsKds-SecretAgreementAlgorithmID: DH',
    ];
    await lab.add(
      [
        `dn: CN=Lab Root CA,CN=Enrollment Services,CN=Public Key Services,${services}\nobjectClass: pKIEnrollmentService\n`,
        `dn: ${kds}\nobjectClass: container\n`,
        `dn: CN=Master Root Keys,${kds}\nobjectClass: container\n`,
        `dn: CN=${key},CN=Master Root Keys,${kds}\nobjectClass: msKds-ProvRootKey\n${values.join('\n')}\n`,
      ].join('\n'),
    );
    const all = [...(await accountsOf(ad, 5)).values()];
    const seen = all.filter(({ facts: each }) => each.tierZero === true).map(({ name }) => name);
    const delegated = ['dsrm:dc1.lab.test', 'certificate-authority:Lab Root CA', 'kds-root-key:not shown to this account'];
    expect(seen).toEqual(expect.arrayContaining(['krbtgt', 'DC1$', ...delegated]));
    const admin = adminDomain(lab);
    expect(doneOf(await tierZeroSecrets(admin)).map(({ name }) => name)).toContain(`kds-root-key:${key}`);
    admin.close();
    const dsrm = all.find(({ name }) => name === 'dsrm:dc1.lab.test') as Found;
    expect(await ad.setSecret.set({ system: 'lab', id: dsrm.id, name: dsrm.name }, fresh(19))).toMatchObject({
      kind: 'refused',
      fault: { code: 'unsupported' },
    });
  });
});

describe('the inventory', () => {
  test('tells services from people with its reasons, and names weaknesses, delegation and other ways in', async () => {
    const name = lab.names.service(1);
    // Normal, no pre-authentication, never expires, unconstrained and protocol transition.
    await change(
      name,
      'replace: userAccountControl\nuserAccountControl: 21561856\n-\nadd: msDS-AllowedToDelegateTo\nmsDS-AllowedToDelegateTo: cifs/x.lab.test\n-\nadd: altSecurityIdentities\naltSecurityIdentities: X509:<I>x<S>y',
    );
    const found = (await accountsOf(ad)).get(name) as Found;
    expect(found.kind).toBe('service');
    expect(found.facts).toMatchObject({
      servicePrincipalNames: [`HTTP/${name}.lab.test`],
      weak: ['no-preauthentication', 'password-never-expires', 'unconstrained-delegation', 'kerberoastable'],
      delegation: ['unconstrained', 'constrained', 'protocol-transition'],
      otherSecrets: ['altSecurityIdentities'],
      why: expect.arrayContaining(['service principal name +3', 'delegation +2']),
    });
    expect(accounts.get(lab.names.person(0))).toMatchObject({
      kind: 'human',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      facts: { objectSid: expect.stringMatching(/^S-1-5-21-/) },
    });
  });

  test('an account is found again after a rename and a move, and only it is reset', async () => {
    const account = someone();
    const client = new Client({ url, tlsOptions: { ca: [readFileSync(lab.ca)] } });
    await client.bind(lab.admin.user, lab.admin.password);
    await client.modifyDN(lab.dn(account.name), `CN=renamed,OU=Services,${lab.base}`);
    await client.unbind();
    doneOf(await ad.setSecret.set(account, fresh(20)));
    expect((await ldaps(ad, account, fresh(20))).verdict).toBe('accepted');
  });
});

describe('a change behind our back', () => {
  test('moves the marker and the version, also where the age was set back to look untouched', async () => {
    const account = someone();
    const before = doneOf(await ad.state.read(account, url));
    const value = Buffer.from('"Somebody-Elses-2aA"', 'utf16le').toString('base64');
    await change(account.name, `replace: unicodePwd\nunicodePwd:: ${value}`);
    const after = doneOf(await ad.state.read(account, url));
    expect(after.marker).not.toBe(before.marker);
    expect(after.changedAt?.getTime()).toBeGreaterThanOrEqual(before.changedAt?.getTime() ?? 0);
    expect(await version(account)).toBe(2);
  });

  test('an age that was set without a change of the password does not pass for one', async () => {
    const account = someone();
    const before = doneOf(await ad.state.read(account, url));
    await change(account.name, 'replace: pwdLastSet\npwdLastSet: 0');
    const after = doneOf(await ad.state.read(account, url));
    expect(after.changedAt).toEqual(before.changedAt);
    expect(after.marker).not.toBe(before.marker);
    expect((await facts(account.name)).mustChange).toBe(true);
  });
});

describe('checks', () => {
  const failing = async (more: Record<string, unknown>, reach: Parameters<typeof openAd>[2] = {}) => {
    const opened = await openAd(lab, more, reach);
    const found: Check[] = [];
    for await (const check of opened.check.run()) if (check.verdict !== 'ok') found.push(check);
    await opened[Symbol.asyncDispose]();
    return found;
  };

  test.each([
    ['reach', 'unreachable', { controllers: ['ldaps://127.0.0.99'] }, {}],
    ['tls', 'a CA that did not sign', { ca: '/etc/ssl/certs/ca-certificates.crt' }, {}],
    ['tls', 'a name the certificate does not show', { servername: 'dc9.lab.test' }, {}],
    ['auth', 'a wrong password', {}, { password: 'Wrong-Password-1aA' }],
  ] as const)('%s: %s is told by its own name, with the next step', async (id, _what, more, reach) => {
    const [first, ...rest] = await failing(more, reach);
    expect(first).toMatchObject({ id, verdict: 'fail', next: expect.stringMatching(/\w/) });
    expect(rest).toEqual([]);
  });

  test('rights: an ordinary account is told that it may not reset, which flags it may not write, and nobody is changed', async () => {
    const name = lab.names.person(next++);
    const before = await version(refOf(accounts, 'rekey-canary'));
    const found = await failing({}, { user: `${name}@lab.test`, password: lab.firstPassword(name) });
    expect(found.map(({ id }) => id)).toEqual(['rights', 'rights-userAccountControl', 'rights-lockoutTime', 'rights-pwdLastSet']);
    expect(await version(refOf(accounts, 'rekey-canary'))).toBe(before);
  });

  test('rights: protected accounts out of reach are a warning of their own, with the way out', async () => {
    const account = someone();
    const shown = await lab.tool('ldbsearch', [...lab.local(), '(sAMAccountName=rekey)', 'objectSid']);
    const sid = /S-1-5-21-[\d-]+/.exec(shown)?.[0];
    await change(account.name, 'replace: adminCount\nadminCount: 1');
    // What AdminSDHolder does within the hour, as far as Rekey's account is concerned.
    const sddl = `--sddl=(D;;CR;00299570-246d-11d0-a768-00aa006e0529;;${sid})`;
    await lab.tool('samba-tool', ['dsacl', 'set', ...lab.local(), '--action=deny', `--objectdn=${lab.dn(account.name)}`, sddl]);
    const warned = (await failing({})).find(({ id }) => id === 'rights-protected');
    expect(warned).toMatchObject({
      verdict: 'warn',
      message: expect.stringContaining('adminCount=1'),
      next: expect.stringContaining('Tier 0'),
    });
    const outcome = await ad.setSecret.set(account, fresh(24));
    expect(outcome).toMatchObject({ kind: 'refused', fault: { code: 'permission', message: expect.stringContaining('AdminSDHolder') } });
  });
});

test('no password reaches a log of the controller', async () => {
  const account = someone();
  const values = ['Canary-In-The-Log-1aA', 'Canary-Refused-22-bB'];
  doneOf(await ad.setSecret.set(account, secretOf('v1', values[0] as string)));
  await ldaps(ad, account, secretOf('wrong', values[1] as string));
  const dir = lab.controllers[0]?.logDir as string;
  const logs = readdirSync(dir)
    .map((file) => readFileSync(join(dir, file), 'latin1'))
    .join('\n');
  expect(logs).toContain(account.name);
  for (const value of values)
    for (const form of [value, Buffer.from(`"${value}"`, 'utf16le').toString('latin1')]) expect(logs.includes(form)).toBe(false);
});

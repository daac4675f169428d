// One real controller: locked, disabled, expired and protected accounts, fine-grained policies, and changes behind our back.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LabSamba } from '../../lab/samba.ts';
import type { Found } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { accountsOf, doneOf, fresh, nonsense, type Opened, old, openAd, refOf } from './active-directory-ground.ts';
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

describe('a locked account', () => {
  test('answers 775 to the right and to a wrong password, so neither is a verdict on it; a reset does not unlock it', async () => {
    const account = refOf(accounts, lab.names.lockable(1));
    for (let n = 0; n < 3; n++) await on.ldaps(ad, account, nonsense);
    doneOf(await ad.setSecret.set(account, fresh(10)));
    expect(await on.ldaps(ad, account, fresh(10))).toEqual({ verdict: 'blocked', code: '49/775' });
    expect(await on.ldaps(ad, account, nonsense)).toEqual({ verdict: 'blocked', code: '49/775' });
    expect(doneOf(await ad.state.read(account, url)).usable).toBe(false);
    expect((await on.facts(account.name)).locked).toBe(true);
  });

  test('is unlocked by a reset when the estate file asks for it', async () => {
    const opened = await openAd(lab, { unlock: true });
    const account = refOf(accounts, lab.names.lockable(2));
    for (let n = 0; n < 3; n++) await on.ldaps(opened, account, nonsense);
    doneOf(await opened.setSecret.set(account, fresh(11)));
    expect((await on.ldaps(opened, account, fresh(11))).verdict).toBe('accepted');
    await opened[Symbol.asyncDispose]();
  });

  test('is not made by the connector: its own look before a write stays below the threshold', async () => {
    const account = refOf(accounts, lab.names.lockable(3));
    await on.ldaps(ad, account, nonsense);
    const opened = await openAd(lab);
    doneOf(await opened.setSecret.set(account, fresh(12)));
    expect(doneOf(await opened.lockout.read(account, { path: 'ldaps', replica: url })).failures).toBe(1);
    expect((await on.ldaps(opened, account, fresh(12))).verdict).toBe('accepted');
    await opened[Symbol.asyncDispose]();
  });
});

describe('a fine-grained policy', () => {
  test('is the one that is read for its accounts; a value it refuses is refused before the throw-away goes out', async () => {
    const account = refOf(accounts, lab.names.strict(0));
    expect(doneOf(await ad.passwordPolicy.read(account)).minLength).toBe(60);
    expect(doneOf(await ad.passwordPolicy.read()).minLength).toBe(12);
    expect(await ad.setSecret.set(account, fresh(13))).toMatchObject({ kind: 'refused', fault: { code: 'policy' } });
    expect(await on.version(account)).toBe(1);
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
    expect(await on.version(account)).toBe(1);
    await opened[Symbol.asyncDispose]();
  });
});

describe('an account that cannot be used', () => {
  test('disabled (533) and expired (701) with the right password are blocked; a wrong one is rejected all the same', async () => {
    const [disabled, expired] = [on.someone(), on.someone()];
    await on.change(disabled.name, 'replace: userAccountControl\nuserAccountControl: 514');
    await on.change(expired.name, 'replace: accountExpires\naccountExpires: 131000000000000000');
    expect(await on.ldaps(ad, disabled, old(lab, disabled.name))).toEqual({ verdict: 'blocked', code: '49/533' });
    expect(await on.ldaps(ad, disabled, nonsense)).toEqual({ verdict: 'rejected', code: '49/52e' });
    expect(await on.ldaps(ad, expired, old(lab, expired.name))).toEqual({ verdict: 'blocked', code: '49/701' });
    expect(doneOf(await ad.state.read(expired, url)).usable).toBe(false);
    expect((await accountsOf(ad)).get(disabled.name)?.enabled).toBe(false);
  });

  test('somebody who is disabled stays disabled through a reset', async () => {
    const account = on.someone();
    doneOf(await ad.contain.block(account));
    doneOf(await ad.setSecret.set(account, fresh(15)));
    expect(await on.ldaps(ad, account, fresh(15))).toEqual({ verdict: 'blocked', code: '49/533' });
    doneOf(await ad.contain.unblock(account));
    expect((await on.ldaps(ad, account, fresh(15))).verdict).toBe('accepted');
  });

  test('disabling changes one flag and leaves the others', async () => {
    const account = on.someone();
    await on.change(account.name, 'replace: userAccountControl\nuserAccountControl: 66048');
    doneOf(await ad.contain.block(account));
    expect((await on.facts(account.name)).weak).toEqual(['password-never-expires']);
    doneOf(await ad.contain.unblock(account));
    expect((await on.facts(account.name)).weak).toEqual(['password-never-expires']);
  });
});

const ageOf = async (name: string): Promise<string> => {
  const shown = await lab.tool('ldbsearch', [...lab.local(), `(sAMAccountName=${name})`, 'pwdLastSet']);
  return /pwdLastSet: (\d+)/.exec(shown)?.[1] ?? '';
};
/** As a tool does that writes the database itself: over LDAP a controller takes 0 and -1 only. */
async function setAge(name: string, age: string): Promise<void> {
  const file = join(lab.controllers[0]?.logDir as string, 'age.ldif');
  writeFileSync(file, `dn: ${lab.dn(name)}\nchangetype: modify\nreplace: pwdLastSet\npwdLastSet: ${age}\n`);
  await lab.tool('ldbmodify', [...lab.local(), '--controls=local_oid:1.3.6.1.4.1.7165.4.3.20:0', file]);
}

describe('a change behind our back', () => {
  test('moves the marker and the version, also where the age was set back to look untouched', async () => {
    const account = on.someone();
    const before = doneOf(await ad.state.read(account, url));
    const age = await ageOf(account.name);
    const value = Buffer.from('"Somebody-Elses-2aA"', 'utf16le').toString('base64');
    await on.change(account.name, `replace: unicodePwd\nunicodePwd:: ${value}`);
    await setAge(account.name, age);
    expect(await ageOf(account.name)).toBe(age);
    const after = doneOf(await ad.state.read(account, url));
    expect(after.marker).not.toBe(before.marker);
    expect(after.changedAt?.getTime()).toBeGreaterThanOrEqual(before.changedAt?.getTime() ?? 0);
    expect(await on.version(account)).toBe(2);
  });

  test('an age that was set without a change of the password does not pass for one', async () => {
    const account = on.someone();
    const before = doneOf(await ad.state.read(account, url));
    await on.change(account.name, 'replace: pwdLastSet\npwdLastSet: 0');
    const after = doneOf(await ad.state.read(account, url));
    expect(after.changedAt).toEqual(before.changedAt);
    expect(after.marker).not.toBe(before.marker);
    expect((await on.facts(account.name)).mustChange).toBe(true);
    await setAge(account.name, '133000000000000000');
    expect(doneOf(await ad.state.read(account, url)).changedAt).toEqual(before.changedAt);
    expect((await on.facts(account.name)).ageSetWithoutChange).toBe('2022-06-18T04:26:40.000Z');
  });
});

// Three ways into one Active Directory domain, and what each says of the same password: why one path alone proves nothing about the others.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LabSamba, startSamba } from '../../lab/samba.ts';
import { kerberos } from '../../src/connectors/kerberos/kerberos.ts';
import { ldapBind } from '../../src/connectors/ldap-bind/ldap-bind.ts';
import { smb } from '../../src/connectors/smb/smb.ts';
import type { Connection } from '../../src/kit/connector.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { type Attempt, ceremony } from '../../src/verify/ceremony.ts';
import { accountOf, pathIo, say } from './path-ground.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-lab-paths-ad-'));
let lab: LabSamba;
let paths: Readonly<Record<'kerberos' | 'ldap' | 'smb', Connection>>;

beforeAll(async () => {
  lab = await startSamba({ dir: folder, smb: true });
  const [{ ip: host, url }] = lab.controllers as [LabSamba['controllers'][number]];
  paths = {
    kerberos: await kerberos.open(kerberos.config.parse({ realm: lab.realm, kdcs: [{ host }] }), pathIo()),
    ldap: await ldapBind.open(ldapBind.config.parse({ servers: [url], ca: lab.ca, user: `{login}@${lab.realm.toLowerCase()}` }), pathIo()),
    smb: await smb.open(smb.config.parse({ servers: [{ host }], workgroup: 'LAB' }), pathIo()),
  };
}, 120_000);
afterAll(async () => {
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function everywhere(name: string, password: string): Promise<readonly string[]> {
  return [await say(paths.kerberos, accountOf(name), password), await say(paths.ldap, accountOf(name), password)];
}
const reset = (name: string, password: string, ...more: readonly string[]): Promise<string> =>
  lab.tool('samba-tool', ['user', 'setpassword', name, `--newpassword=${password}`, ...more, ...lab.local()]);

const accepted = ['accepted 0', 'accepted 0'];
const rejected = ['rejected 24', 'rejected 49/52e'];

test('right and wrong passwords, and an unknown name', async () => {
  const name = lab.names.person(1);
  expect(await everywhere(name, lab.firstPassword(name))).toEqual(accepted);
  expect(await everywhere(name, 'cnry-Never-Set-9f3c')).toEqual(rejected);
  expect((await everywhere('nobody-at-all', 'cnry-Never-Set-9f3c'))[0]).toBe('indeterminate 6');
});

test('after one reset Kerberos rejects the old password, while a simple bind still accepts it; a second reset ends it on both', async () => {
  const name = lab.names.person(2);
  const old = lab.firstPassword(name);
  await reset(name, 'Second-Pass-4711-xyz');
  expect(await everywhere(name, 'Second-Pass-4711-xyz')).toEqual(accepted);
  expect(await everywhere(name, old)).toEqual(['rejected 24', 'accepted 0']);
  await reset(name, 'Third-Pass-4711-xyz');
  expect(await everywhere(name, old)).toEqual(rejected);
  expect(await everywhere(name, 'Third-Pass-4711-xyz')).toEqual(accepted);
});

test('an account that must change its password, and a disabled one, are blocked with the right password and rejected with a wrong one', async () => {
  const [must, off] = [lab.names.person(3), lab.names.person(4)];
  await reset(must, 'Second-Pass-4711-xyz', '--must-change-at-next-login');
  await lab.tool('samba-tool', ['user', 'disable', off, ...lab.local()]);
  expect(await everywhere(must, 'Second-Pass-4711-xyz')).toEqual(['blocked 23', 'blocked 49/773']);
  expect(await everywhere(off, lab.firstPassword(off))).toEqual(['blocked 18', 'blocked 49/533']);
  for (const name of [must, off]) expect(await everywhere(name, 'cnry-Never-Set-9f3c')).toEqual(rejected);
});

const secret = (label: string, text: string) => secretOf(label, text);
const held = (on: Connection, name: string, change: (attempt: Attempt) => Attempt = (attempt) => attempt) => {
  const attempt: Attempt = async (_role, tried) => {
    const [where] = (await on.probe?.paths()) ?? [];
    if (on.probe === undefined || where === undefined) throw new Error('no such path');
    return on.probe.attempt(accountOf(name), tried, where);
  };
  return ceremony({
    attempt: change(attempt),
    mayFail: async () => true,
    between: () => false,
    fresh: secret('v2', 'Second-Pass-4711-xyz'),
    nonsense: secret('nonsense', 'cnry-Never-Set-9f3c'),
    olds: [secret('leaked', lab.firstPassword(name))],
  });
};

describe('a password that must be changed at the next logon', () => {
  test('is proved over LDAP, Kerberos and SMB: the new one is told to be right, nonsense and the old one to be wrong', async () => {
    const name = lab.names.person(5);
    await reset(name, 'Second-Pass-4711-xyz', '--must-change-at-next-login');
    expect(await held(paths.ldap, name)).toEqual({ kind: 'proved', code: '49/52e', mustChange: true });
    expect(await held(paths.kerberos, name)).toEqual({ kind: 'proved', code: '24', mustChange: true });
    expect(await held(paths.smb, name)).toEqual({ kind: 'proved', code: 'NT_STATUS_LOGON_FAILURE', mustChange: true });
  });

  test('is not proved where the previous one is still honoured, nor on a path that says "must change" to everything', async () => {
    const name = lab.names.person(6);
    await reset(name, 'Second-Pass-4711-xyz');
    // Without pwdLastSet = 0 the previous password is inside the grace period of binds and NTLM.
    for (const on of [paths.ldap, paths.smb])
      expect(await held(on, name)).toMatchObject({ kind: 'failed', why: expect.stringContaining('OLD') });
    const must = lab.names.person(7);
    await reset(must, 'Second-Pass-4711-xyz', '--must-change-at-next-login');
    for (const on of Object.values(paths)) {
      const always =
        (attempt: Attempt): Attempt =>
        (role, _tried) =>
          attempt(role, secret('v2', 'Second-Pass-4711-xyz'));
      expect(await held(on, must, always)).toMatchObject({ kind: 'failed', why: expect.stringContaining('nonsense') });
    }
  });
});

test('a locked account does not reject its own password on either path', async () => {
  const name = lab.names.lockable(0);
  for (let n = 0; n < 3; n++) await say(paths.ldap, accountOf(name), `cnry-Never-Set-${n}`);
  for (const said of await everywhere(name, lab.firstPassword(name))) expect(said).toMatch(/^(blocked|indeterminate)/);
});

// The accounts of a lab domain, as one LDIF, and what is delegated to Rekey's account: the rights of its README and nothing more.
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { baseOf, type Site, samLdb, smbConf } from './conf.ts';
import { run } from './controller.ts';

export type Seed = { readonly people: number; readonly services: number; readonly lockable: number; readonly strict: number };
export const rekeyUser = 'rekey';
export const members = {
  person: (n: number): string => `p${String(n).padStart(4, '0')}`,
  service: (n: number): string => `svc-${String(n).padStart(4, '0')}`,
  /** Under a fine-grained policy that locks after three failures. */
  lockable: (n: number): string => `lock${String(n).padStart(3, '0')}`,
  /** Under one that wants 60 characters. */
  strict: (n: number): string => `strict${String(n).padStart(3, '0')}`,
};

/** All four classes and never the account's name, so that every policy of the lab takes it. */
export const firstPassword = (realm: string, name: string): string =>
  `${createHmac('sha256', `rekey lab ${realm}`).update(name).digest('base64url').slice(0, 24)}-7aA`;

const quoted = (password: string): string => Buffer.from(`"${password}"`, 'utf16le').toString('base64');

function account(
  site: Site,
  ou: string,
  name: string,
  lines: readonly string[] = [],
  password = firstPassword(site.domain.realm, name),
): string {
  const dn = `CN=${name},OU=${ou},${baseOf(site.domain)}`;
  const base = [
    'objectClass: user',
    `sAMAccountName: ${name}`,
    `userPrincipalName: ${name}@${site.domain.realm.toLowerCase()}`,
    'userAccountControl: 512',
  ];
  return [`dn: ${dn}`, ...base, `unicodePwd:: ${quoted(password)}`, ...lines, ''].join('\n');
}

export function accountsLdif(site: Site, seed: Seed): string {
  const base = baseOf(site.domain);
  const realm = site.domain.realm.toLowerCase();
  const units = ['People', 'Services', 'Rekey'].map((ou) => `dn: OU=${ou},${base}\nobjectClass: organizationalUnit\n`);
  const each = (count: number, make: (n: number) => string) => Array.from({ length: count }, (_, n) => make(n));
  const person = (name: string, n: number) =>
    account(site, 'People', name, [`givenName: Person`, `sn: Number ${n}`, `mail: ${name}@${realm}`, `employeeID: ${1000 + n}`]);
  return [
    ...units,
    account(site, 'Rekey', rekeyUser),
    ...each(seed.people, (n) => person(members.person(n), n)),
    ...each(seed.lockable, (n) => person(members.lockable(n), 5000 + n)),
    // What refuses a change must not refuse the first value: the policy is applied afterwards.
    ...each(seed.strict, (n) => person(members.strict(n), 6000 + n)),
    ...each(seed.services, (n) =>
      account(site, 'Services', members.service(n), [`servicePrincipalName: HTTP/${members.service(n)}.${realm}`]),
    ),
    account(site, 'People', 'rekey-canary', ['description: canary of the lab']),
  ].join('\n');
}

/** `server`: the controller is running, so its database is written through ldb's own locks all the same. */
export async function ldif(site: Site, tool: 'ldbadd' | 'ldbmodify', text: string): Promise<void> {
  const file = join(site.dir, `lab-${tool}.ldif`);
  writeFileSync(file, text, { mode: 0o600 });
  await run(site, tool, [`--configfile=${smbConf(site.dir)}`, '-H', samLdb(site.dir), file]);
}

const rights = {
  resetPassword: '00299570-246d-11d0-a768-00aa006e0529',
  user: 'bf967aba-0de6-11d0-a285-00aa003049e2',
  pwdLastSet: 'bf967a0a-0de6-11d0-a285-00aa003049e2',
  lockoutTime: '28630ebf-41d5-11d1-a9c1-0000f80367c1',
  userAccountControl: 'bf967a68-0de6-11d0-a285-00aa003049e2',
} as const;

/** Reset Password, and write on three attributes, of the users below two OUs. Not a member of any privileged group. */
export async function delegate(site: Site): Promise<void> {
  const local = [`--configfile=${smbConf(site.dir)}`, '-H', samLdb(site.dir)];
  const shown = await run(site, 'ldbsearch', [...local, `(sAMAccountName=${rekeyUser})`, 'objectSid']);
  const sid = /objectSid: (S-[\d-]+)/.exec(shown)?.[1];
  if (sid === undefined) throw new Error('the account of Rekey has no SID');
  const write = (attribute: string) => `(OA;CIIO;WP;${attribute};${rights.user};${sid})`;
  const sddl = [
    `(OA;CIIO;CR;${rights.resetPassword};${rights.user};${sid})`,
    write(rights.pwdLastSet),
    write(rights.lockoutTime),
    write(rights.userAccountControl),
  ];
  const grant = (object: string, what: string) =>
    run(site, 'samba-tool', ['dsacl', 'set', ...local, '--action=allow', `--objectdn=${object},${baseOf(site.domain)}`, `--sddl=${what}`]);
  for (const ou of ['People', 'Services']) await grant(`OU=${ou}`, sddl.join(''));
  // List, read and read permissions, on the container and what is made in it: otherwise only administrators see fine-grained policies.
  await grant('CN=Password Settings Container,CN=System', `(A;CI;LCRPLORC;;;${sid})`);
}

/** Two fine-grained policies, and the domain's own: 12 characters, complex, no lock. */
export async function policies(site: Site, seed: Seed): Promise<void> {
  const tool = (...args: string[]) => run(site, 'samba-tool', [...args, `--configfile=${smbConf(site.dir)}`, '-H', samLdb(site.dir)]);
  await tool('domain', 'passwordsettings', 'set', '--min-pwd-length=12', '--complexity=on', '--account-lockout-threshold=0');
  const container = `CN=Password Settings Container,CN=System,${baseOf(site.domain)}`;
  await tool(
    'domain',
    'passwordsettings',
    'pso',
    'create',
    'locks-after-three',
    '20',
    '--min-pwd-length=12',
    '--complexity=on',
    '--account-lockout-threshold=3',
    '--account-lockout-duration=30',
    '--reset-account-lockout-after=30',
    '--history-length=24',
    '--min-pwd-age=0',
    '--max-pwd-age=0',
  );
  await tool(
    'domain',
    'passwordsettings',
    'pso',
    'create',
    'sixty-characters',
    '10',
    '--min-pwd-length=60',
    '--complexity=on',
    '--account-lockout-threshold=0',
    '--history-length=24',
    '--min-pwd-age=0',
    '--max-pwd-age=0',
  );
  const applied = (pso: string, count: number, name: (n: number) => string) =>
    count === 0
      ? ''
      : [
          `dn: CN=${pso},${container}`,
          'changetype: modify',
          'add: msDS-PSOAppliesTo',
          ...Array.from({ length: count }, (_, n) => `msDS-PSOAppliesTo: CN=${name(n)},OU=People,${baseOf(site.domain)}`),
          '',
          '',
        ].join('\n');
  const text = applied('locks-after-three', seed.lockable, members.lockable) + applied('sixty-characters', seed.strict, members.strict);
  if (text !== '') await ldif(site, 'ldbmodify', text);
}

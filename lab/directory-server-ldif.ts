// What a 389 Directory Server of the lab is made of: the package's own template with the lab's paths, one suffix, accounts, and rights for Rekey's login.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

const template = '/usr/share/dirsrv/data/template-dse.ldif';

export type ServerSettings = {
  readonly dir: string;
  readonly base: string;
  readonly port: number;
  readonly securePort: number;
  readonly rootDn: string;
  readonly rootPassword: string;
};

/** dse.ldif: the template asks for the values that `dscreate` would put in. */
export function serverLdif({ dir, base, port, securePort, rootDn, rootPassword }: ServerSettings): string {
  const at = (folder: string) => join(dir, folder);
  const values: Readonly<Record<string, string>> = {
    schema_dir: at('etc/schema'),
    config_dir: at('etc'),
    cert_dir: at('etc'),
    lock_dir: at('lock'),
    tmp_dir: at('tmp'),
    ldif_dir: at('ldif'),
    bak_dir: at('bak'),
    run_dir: at('run'),
    inst_dir: at('inst'),
    log_dir: at('log'),
    db_dir: at('db'),
    db_home_dir: at('db'),
    db_lib: 'bdb',
    fqdn: 'localhost',
    ds_port: String(port),
    ds_user: userInfo().username,
    ds_suffix: base,
    rootdn: rootDn,
    ds_passwd: stored(rootPassword),
    ldapi: at('run/socket'),
    ldapi_enabled: 'off',
    ldapi_autobind: 'off',
  };
  const more = `nsslapd-securePort: ${securePort}\nnsslapd-security: on\nnsslapd-listenhost: 127.0.0.1\nnsslapd-securelistenhost: 127.0.0.1`;
  return readFileSync(template, 'utf8')
    .replace(/%(\w+)%/g, (whole, name: string) => values[name] ?? whole)
    .replace(/^nsslapd-port: .*$/m, (line) => `${line}\n${more}`);
}

/** The server takes no clear text in its own file. */
function stored(password: string): string {
  const salt = randomBytes(8);
  const digest = createHash('sha512').update(password).update(salt).digest();
  return `{SSHA512}${Buffer.concat([digest, salt]).toString('base64')}`;
}

const policyAttributes = [
  'Lockout',
  'MaxFailure',
  'LockoutDuration',
  'ResetFailureCount',
  'Unlock',
  'CheckSyntax',
  'MinLength',
  'MinCategories',
]
  .concat(['History', 'InHistory', 'MinAge', 'MustChange', 'TrackUpdateTime'])
  .map((name) => `password${name}`);

/** The suffix with a database behind it, the password policy, and what Rekey's login may read of the server itself. */
export function backendLdif({
  dir,
  base,
  bindDn,
  policy,
}: {
  readonly dir: string;
  readonly base: string;
  readonly bindDn: string;
  readonly policy: Readonly<Record<string, string>>;
}): string {
  const settings = {
    passwordLockout: 'on',
    passwordMaxFailure: '3',
    passwordCheckSyntax: 'on',
    passwordMinLength: '12',
    passwordMinCategories: '1',
    passwordHistory: 'on',
    passwordInHistory: '3',
    passwordTrackUpdateTime: 'on',
    ...policy,
  };
  return [
    `dn: cn=userRoot,cn=ldbm database,cn=plugins,cn=config\nchangetype: add\nobjectClass: nsBackendInstance\nobjectClass: extensibleObject\ncn: userRoot\nnsslapd-suffix: ${base}\nnsslapd-directory: ${join(dir, 'db', 'userRoot')}`,
    `dn: cn="${base}",cn=mapping tree,cn=config\nchangetype: add\nobjectClass: nsMappingTree\nobjectClass: extensibleObject\ncn: ${base}\nnsslapd-state: backend\nnsslapd-backend: userRoot`,
    `dn: cn=config\nchangetype: modify\n${Object.entries(settings)
      .map(([name, value]) => `replace: ${name}\n${name}: ${value}`)
      .join('\n-\n')}`,
    `dn: cn=monitor\nchangetype: modify\nadd: aci\naci: (targetattr="connection")${allow('connections', 'read,search,compare', bindDn)}`,
    `dn: cn=config\nchangetype: modify\nadd: aci\naci: (targetattr="${['cn', 'objectClass', 'nsslapd-pwpolicy-local', 'nsslapd-idletimeout', ...policyAttributes].join(' || ')}")${allow('the password policy', 'read,search,compare', bindDn)}`,
    '',
  ].join('\n\n');
}

type Person = { readonly uid: string; readonly password: string };

export function treeLdif({
  base,
  bindDn,
  bindPassword,
  people,
}: {
  readonly base: string;
  readonly bindDn: string;
  readonly bindPassword: string;
  readonly people: readonly Person[];
}): string {
  const locks = 'nsAccountLock || accountUnlockTime || passwordRetryCount || retryCountResetTime || passwordExpirationTime';
  return [
    [
      `dn: ${base}\nchangetype: add\nobjectClass: domain\ndc: ${base.replace(/^dc=|,.*$/g, '')}`,
      `aci: (targetattr="*")${allow('accounts', 'read,search,compare', bindDn)}`,
      `aci: (targetattr="userPassword")${allow('passwords', 'write', bindDn)}`,
      `aci: (targetattr="${locks}")${allow('locks', 'write', bindDn)}`,
    ].join('\n'),
    `dn: ou=people,${base}\nchangetype: add\nobjectClass: organizationalUnit\nou: people`,
    `dn: ${bindDn}\nchangetype: add\nobjectClass: applicationProcess\nobjectClass: simpleSecurityObject\ncn: rekey\nuserPassword: ${bindPassword}`,
    ...people.map(
      ({ uid, password }) =>
        `dn: uid=${uid},ou=people,${base}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: ${uid}\nuserPassword: ${password}`,
    ),
    '',
  ].join('\n\n');
}

const allow = (what: string, rights: string, dn: string): string =>
  `(version 3.0; acl "Rekey: ${what}"; allow (${rights}) userdn="ldap:///${dn}";)`;

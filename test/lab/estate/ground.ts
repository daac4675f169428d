// The servers of the acceptance estate and the folder its people work in: a directory with a replica, a database, two approvers, one estate file.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LabPostgres, startPostgres } from '../../../lab/postgres.ts';
import { type Slapd, startSlapd } from '../../../lab/slapd.ts';
import { readmeSql } from '../postgresql-ground.ts';
import { installProduct, type Product } from './product.ts';

export type Ground = {
  readonly dir: string;
  /** The estate's folder. */
  readonly home: string;
  readonly slapd: Slapd;
  readonly lab: LabPostgres;
  readonly product: Product;
  readonly keys: { readonly alice: string; readonly bob: string };
  readonly role: (n: number) => string;
  stop(): Promise<void>;
};

const role = (n: number): string => `app_${String(n).padStart(2, '0')}`;

export async function startGround(want: {
  people: number;
  services: number;
  roles: number;
  replicas: number;
  hba?: readonly string[];
}): Promise<Ground> {
  const dir = mkdtempSync(join(tmpdir(), 'rekey-estate-'));
  const home = join(dir, 'estate');
  mkdirSync(home);
  const roles = [...Array.from({ length: want.roles }, (_, n) => role(n)), 'rekey_canary'];
  const [slapd, lab] = await Promise.all([
    startSlapd({
      dir: join(dir, 'ldap'),
      people: want.people,
      services: want.services,
      replicas: want.replicas,
      ppolicy: { maxFailure: 3, lockout: true },
      loglevel: 'stats',
      sync: false,
    }),
    startPostgres({ dir: join(dir, 'pg'), roles, settings: { track_commit_timestamp: 'on' }, hba: want.hba ?? [] }),
  ]);
  await lab.sql(readmeSql());
  await lab.sql('GRANT SET ON PARAMETER log_statement, log_min_error_statement, log_min_duration_statement TO rekey');
  const keys = { alice: newKey(dir, 'alice'), bob: newKey(dir, 'bob') };
  writeFileSync(join(home, 'db.password'), `${lab.rekey.password}\n`, { mode: 0o600 });
  writeFileSync(join(home, 'canary.password'), slapd.initialPassword('rekey-canary'), { mode: 0o600 });
  const product = installProduct(join(dir, 'product'), { CORP_LDAP_BIND: slapd.bindPassword, REKEY_USER: 'carol' });
  return {
    dir,
    home,
    slapd,
    lab,
    product,
    keys,
    role,
    stop: async () => {
      await Promise.allSettled([slapd.stop(), lab.stop()]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function newKey(dir: string, name: string): string {
  const file = join(dir, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', `${name}@example.test`, '-f', file]);
  return file;
}

/** The estate file as its people would write it; `more` is put under systems. */
export function estateYaml({ dir, slapd, lab, keys }: Ground, more = ''): string {
  return `apiVersion: rekey/v1
estate: acme
keyring: { provider: file, path: .rekey/keyring }
approvals: { count: 2, tier0: 2, self: false }
approvers:
  - { name: alice, key: "${readFileSync(`${keys.alice}.pub`, 'utf8').trim()}" }
  - { name: bob, key: "${readFileSync(`${keys.bob}.pub`, 'utf8').trim()}" }
systems:
  - id: corp-ldap
    connector: ldap
    tier: 0
    owner: directory-team@example.test
    config:
      url: "${slapd.ldapsUrl}"
      replicas: [${slapd.replicas.map((each) => `"${each.ldapsUrl}"`).join(', ')}]
      ca: ${slapd.ca}
      base: "${slapd.base}"
      bind: { dn: "${slapd.bindDn}", password: { env: CORP_LDAP_BIND } }
    canary: { account: rekey-canary, secret: { file: ./canary.password } }
  - id: orders-db
    connector: postgresql
    tier: 1
    owner: dba@example.test
    config: { host: ${lab.host}, port: ${lab.port}, user: rekey, password: { file: ./db.password }, exclude: [postgres] }
    canary: { account: rekey_canary }
  - id: app-config
    connector: file
    config: { root: ${join(dir, 'apps')} }
${more}`;
}

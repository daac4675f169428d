// The first rekey.yaml of a new estate: valid as it stands, every setting explained, and never written over an existing file.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../domain/problem.ts';
import { kebab } from './kebab.ts';
import { estateFileName } from './load.ts';
import { schemaFileName } from './schema.ts';

/** `schema`: where the editor finds the JSON Schema, relative to the file. `rekey init` writes it there. */
export function starterEstate(name: string, schema: string = `./.rekey/${schemaFileName}`): string {
  if (!kebab.test(name) || name.length > 63) {
    const kebabbed = asKebab(name);
    throw new Problem('usage', {
      message: `an estate cannot be called ${JSON.stringify(name.slice(0, 80))}`,
      hint: kebabbed ? `use lower case, digits and hyphens: ${kebabbed}` : 'use lower case, digits and hyphens',
    });
  }
  return `# yaml-language-server: $schema=${schema}
# The estate: which systems there are, and who may approve. No secret belongs in this file, only where one lives:
#   {env: VARIABLE}   {file: ./path}   {exec: [command, argument]}   {vault: path}
# Check it with \`rekey config validate\`, then \`rekey doctor\`.
apiVersion: rekey/v1
estate: ${name}

# The embedded store is in .rekey/store. For several workers: { url: "postgres://rekey@db.example.test/rekey" };
# its password comes from PGPASSWORD, or give the whole URL in REKEY_DATABASE_URL.
# store: { dataDir: .rekey/store }

# The key that seals every secret. Keep a copy of it apart from the store: without it nothing sealed can be opened.
keyring: { provider: file, path: .rekey/keyring }   # or { provider: env, variable: REKEY_KEY }

# How many people must sign a plan: any plan, one that touches tier 0, a hand-over file. self: may the author sign.
# approvals: { count: 1, tier0: 2, handover: 2, self: false }

# Who may sign: the one line of an SSH public key (~/.ssh/id_ed25519.pub). Members of \`rekey serve\` sign with a passkey.
approvers: []
#  - { name: alice, key: "ssh-ed25519 AAAA… alice@example.test" }

systems: []
#  - id: corp-ldap               # permanent name, kebab-case
#    connector: ldap
#    tier: 0                     # 0 control plane … 3 long tail
#    owner: alice@example.test   # owner of accounts that have none of their own
#    config:
#      url: "ldaps://ldap.example.test:636"
#      ca: ./ca.pem              # relative to this file
#      base: "dc=example,dc=test"
#      bind: { dn: "cn=rekey,dc=example,dc=test", password: { env: CORP_LDAP_BIND } }
#    limits: { concurrency: 32, perSecond: 200 }
#    password: { length: 24, classes: [lower, upper, digit] }
#    canary: { account: uid=rekey-canary }   # an account of yours, reset first: proves that every path honours a reset
`;
}

/** Writes the starter into the folder; refuses (conflict) when there is one already. Returns its path. */
export function writeStarter(folder: string, name: string): string {
  const file = join(folder, estateFileName);
  const text = starterEstate(name);
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o644 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Problem('conflict', {
      message: `${file} exists already and is left as it is`,
      hint: 'run `rekey doctor` to see its state, or init another folder',
    });
  }
  return file;
}

/** A folder's or person's name in the form ids have; empty when nothing is left. */
export function asKebab(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63);
}

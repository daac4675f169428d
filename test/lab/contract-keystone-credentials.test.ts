// The contract suite on a real Keystone, once for application credentials and once for EC2 keys.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type LabKeystone, startKeystone } from '../../lab/keystone.ts';
import { freePort } from '../../lab/process.ts';
import { keystoneCredentials } from '../../src/connectors/keystone-credentials/keystone-credentials.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { holderRef, type Kind, made, openCredentials } from './keystone-credentials-open.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-contract-kscred-'));
const names = Array.from({ length: 12 }, (_, n) => `svc${n}`);
let lab: LabKeystone;
let next = 0;
beforeAll(async () => {
  lab = await startKeystone({ dir: join(folder, 'ks'), users: names });
}, 300_000);
afterAll(async () => {
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Every row gets a user of its own, with one credential; its name in the inventory is user@project. */
async function rig(kind: Kind, bench: Bench, url = lab.url): Promise<Rig> {
  const name = names[next++ % names.length] as string;
  const { text: old } = await made(lab, kind, name, `first-${next}`);
  const connection = await openCredentials(lab, kind, bench.io('lab-keystone'), { url });
  const project = (await lab.ask('GET', `/projects/${lab.project}`)).body as { project: { name: string } };
  const account = { ...holderRef(lab, name), name: `${name}@${project.project.name}` };
  const accepts = async (text: string): Promise<boolean> => {
    const past = await openCredentials(lab, kind);
    const { secretOf } = await import('../../src/seal/secret.ts');
    const [where] = await past.probe.paths();
    return where !== undefined && (await past.probe.attempt(account, secretOf('x', text), where)).verdict === 'accepted';
  };
  return { connection, account, old, accepts };
}

const fixture = (kind: Kind): ContractFixture => ({
  connector: keystoneCredentials,
  badConfig: { config: { url: 'https://keystone.example:5000', user: 'rekey', password: { env: 'X' }, kind: 'both' }, field: 'kind' },
  situations: {
    plain: (bench) => rig(kind, bench),
    dual: async (bench) => {
      const ready = await rig(kind, bench);
      // A second one beside it, as after a rotation that stopped half way. What is retired first is the one whose text is known.
      await made(lab, kind, ready.account.login ?? '', `second-${next}`);
      const id = (JSON.parse(ready.old) as { id?: string; access?: string }).id ?? (JSON.parse(ready.old) as { access: string }).access;
      const dual = ready.connection.dualSecret;
      if (dual === undefined) throw new Error('no slots');
      const list: typeof dual.list = async (account) => {
        const listed = await dual.list(account);
        if (listed.kind !== 'done') return listed;
        return { kind: 'done', value: [...listed.value].sort((a, b) => Number(b.slot === id) - Number(a.slot === id)) };
      };
      return { ...ready, connection: { ...ready.connection, dualSecret: { ...dual, list } } };
    },
    unreachable: async (bench) => rig(kind, bench, `http://127.0.0.1:${await freePort()}`),
  },
});

for (const kind of ['application', 'ec2'] as const)
  describe(`keystone-credentials, ${kind}`, () => {
    for (const row of contractRows(fixture(kind), { timeoutMs: 4000 })) {
      test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
    }
  });

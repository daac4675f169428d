// The contract suite on the login path and a real sshd: the rows of probes.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { sshLogin } from '../../src/connectors/ssh-login/ssh-login.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { type Ground, ground, logsIn } from './ssh-ground.ts';

let on: Ground;
beforeAll(async () => {
  on = await ground(['alice'], ['sshd-open', 'sshd-busy']);
}, 60_000);
afterAll(() => on?.stop());

async function rig(bench: Bench, port = on.lab.port): Promise<Rig> {
  const hosts = [{ host: on.lab.host, port, hostKey: on.lab.fingerprint }];
  const connection = await sshLogin.open(sshLogin.config.parse({ hosts }), bench.io('lab-path'));
  return {
    connection,
    account: { system: 'directory', id: '1', name: 'alice' },
    old: on.lab.secrets.alice ?? '',
    accepts: (text) => logsIn(on.lab.port, 'alice', { password: text }),
  };
}

const fixture: ContractFixture = {
  connector: sshLogin,
  badConfig: { config: { hosts: [{ host: 'h.example', port: 'many', hostKey: `SHA256:${'A'.repeat(43)}` }] }, field: 'port' },
  situations: {
    plain: (bench) => rig(bench),
    throttled: (bench) => rig(bench, on.lab.daemon('sshd-busy').port),
    unreachable: async (bench) => rig(bench, await freePort()),
    'accept-any': (bench) => rig(bench, on.lab.daemon('sshd-open').port),
  },
};

describe('ssh-login', () => {
  for (const row of contractRows(fixture, { timeoutMs: 4_000 })) {
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
  }
});

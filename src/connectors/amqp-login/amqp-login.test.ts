// The AMQP path without a broker: its ports, its block of the estate file, and the contract rows that need no answer.
import { describe, expect, test } from 'vitest';
import { contractRows } from '../../../test/contract/connector.ts';
import type { Bench, ContractFixture, Rig } from '../../kit/contract.ts';
import { amqpLogin } from './amqp-login.ts';
import { config, portOf } from './config.ts';

test('the standard port follows the protection', () => {
  expect(portOf({ host: 'mq.example.test' }, undefined)).toBe(5671);
  expect(portOf({ host: 'localhost' }, undefined)).toBe(5672);
  expect(portOf({ host: 'localhost' }, { mode: 'verify-full' })).toBe(5671);
  expect(portOf({ host: 'mq.example.test' }, { mode: 'disable' })).toBe(5672);
  expect(portOf({ host: 'mq.example.test', port: 9 }, undefined)).toBe(9);
});

test('no password crosses a network in the clear unless the estate file says so', () => {
  expect(config.safeParse({ host: 'mq.example.test', tls: { mode: 'disable' } }).error?.issues[0]?.path).toEqual(['host']);
  const node = { host: '::1', tls: { mode: 'disable' }, nodes: [{ host: '10.0.0.1' }] };
  expect(config.safeParse(node).error?.issues[0]?.path).toEqual(['nodes', 0, 'host']);
  expect(config.safeParse({ ...node, insecure: true }).success).toBe(true);
});

/** Port 1 of this machine: nothing listens there. */
async function rig(bench: Bench): Promise<Rig> {
  const connection = await amqpLogin.open(config.parse({ host: '127.0.0.1', port: 1 }), bench.io('path'));
  return { connection, account: { system: 'directory', id: '42', name: 'app' }, old: 'old-password-of-app', accepts: () => false };
}
const fixture: ContractFixture = {
  connector: amqpLogin,
  badConfig: { config: { host: 'mq.example', user: 'no template' }, field: 'user' },
  situations: { plain: rig, unreachable: rig },
};

describe('contract', () => {
  for (const row of contractRows(fixture, { timeoutMs: 1000 })) {
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
  }
});

// The contract suite on certificates of a real CA, and on client certificates as an access path.
import { request } from 'node:https';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { config as mtlsConfig } from '../../src/connectors/mtls/config.ts';
import { mtls } from '../../src/connectors/mtls/mtls.ts';
import { x509 } from '../../src/connectors/x509/x509.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { identityIn } from '../../src/protocols/tls/pem.ts';
import { contractRows } from '../contract/connector.ts';
import { fileText, type Ground, ground } from './x509-ground.ts';

const names = Array.from({ length: 12 }, (_, n) => `svc-${n}`);
let on: Ground;
let next = 0;
beforeAll(async () => {
  on = await ground(names);
}, 60_000);
afterAll(() => on?.stop());

/** Asks nginx itself, past the connector. */
function accepted(text: string): Promise<boolean> {
  const identity = identityIn(text);
  if (identity === undefined) return Promise.resolve(false);
  const options = { port: on.ports.nginx, host: '127.0.0.1', ca: fileText(on.ca.certificate), key: identity.keyText, cert: identity.chain };
  return new Promise((resolve) => {
    request({ ...options, agent: false }, (answer) => resolve(answer.resume().statusCode === 200))
      .once('error', () => resolve(false))
      .end();
  });
}

type Open = (bench: Bench) => Promise<Pick<Rig, 'connection'>>;

const rig =
  (open: Open) =>
  async (bench: Bench): Promise<Rig> => {
    const name = names[next++ % names.length] as string;
    const account = on.ref(name);
    const nonsense = Buffer.from(await (await on.open()).secretForm.nonsense()).toString('utf8');
    const old = on.ca.secrets[name] as string;
    // Nothing sets a certificate: `fresh` is a value to look for in answers.
    return { ...(await open(bench)), account, old, values: { fresh: `${old}fresh`, nonsense }, accepts: accepted };
  };

const connector =
  (more: () => object | Promise<object> = () => ({})): Open =>
  async (bench) => {
    const { timeoutMs, signal } = bench.io('lab-ca');
    return { connection: await on.open(await more(), { timeoutMs, signal }) };
  };
const path =
  (port: () => number | Promise<number>): Open =>
  async (bench) => {
    const io = { ...bench.io('lab-ca'), path: on.io.path };
    return { connection: await mtls.open(mtlsConfig.parse({ host: '127.0.0.1', port: await port(), ca: './ca/ca.pem', http: {} }), io) };
  };
const down = async () => {
  const port = await freePort();
  return {
    list: { command: ['./gone'] },
    crl: { url: `http://127.0.0.1:${port}/` },
    servers: [{ host: '127.0.0.1', port, ca: './ca/ca.pem' }],
  };
};

const fixtures: Readonly<Record<string, ContractFixture>> = {
  x509: {
    connector: x509,
    badConfig: { config: { ca: 'ca.pem', issue: { command: ['./ca.sh', '{secret}'] } }, field: 'issue' },
    situations: {
      plain: rig(connector()),
      dual: rig(connector()),
      unreachable: rig(connector(down)),
      'accept-any': rig(connector(() => ({ servers: [{ host: '127.0.0.1', port: on.ports.any, ca: './ca/ca.pem', http: {} }] }))),
    },
  },
  mtls: {
    connector: mtls,
    badConfig: { config: { host: 'x', port: 'many' }, field: 'port' },
    situations: {
      plain: rig(path(() => on.ports.nginx)),
      unreachable: rig(path(() => freePort())),
      'accept-any': rig(path(() => on.ports.any)),
    },
  },
};

for (const [name, fixture] of Object.entries(fixtures))
  describe(name, () => {
    for (const row of contractRows(fixture, { timeoutMs: 3000 }))
      test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
  });

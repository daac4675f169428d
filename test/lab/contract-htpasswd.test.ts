// The contract suite on an htpasswd file that a real nginx reads: what is accepted is asked of the web server.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { htpasswdLine, type LabNginx, startNginx } from '../../lab/nginx.ts';
import { freePort } from '../../lab/process.ts';
import { htpasswd } from '../../src/connectors/htpasswd/htpasswd.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';

const dir = mkdtempSync(join(tmpdir(), 'rekey-lab-htpasswd-'));
const file = join(dir, 'htpasswd');
const users = Array.from({ length: 20 }, (_, n) => `user${n}`);
const oldOf = (name: string): string => `0ld-of-${name}-7x`;
let nginx: LabNginx;
let port: number;
let next = 0;

beforeAll(async () => {
  port = await freePort();
  writeFileSync(file, users.map((name) => htpasswdLine(name, oldOf(name))).join(''));
  chmodSync(file, 0o644);
  nginx = await startNginx({
    dir,
    ports: [port],
    servers: `server { listen 127.0.0.1:${port}; auth_basic lab; auth_basic_user_file ${file}; }`,
  });
}, 30_000);
afterAll(async () => {
  await nginx?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function rig(bench: Bench, path = file, extra: Partial<Rig> = {}): Promise<Rig> {
  const name = users[next++] as string;
  const accepts = async (text: string): Promise<boolean> => {
    const authorization = `Basic ${Buffer.from(`${name}:${text}`).toString('base64')}`;
    return (await fetch(`http://127.0.0.1:${port}/`, { headers: { authorization } })).status === 200;
  };
  const connection = await htpasswd.open(htpasswd.config.parse({ file: path }), bench.io('lab'));
  return { connection, account: { system: 'lab', id: name, name }, old: oldOf(name), accepts, ...extra };
}

const fixture: ContractFixture = {
  connector: htpasswd,
  badConfig: { config: { file: 'htpasswd', hash: { scheme: 'sha512-crypt', rounds: 1 } }, field: 'rounds' },
  situations: {
    plain: (bench) => rig(bench),
    unreachable: (bench) => rig(bench, join(dir, 'no-such-folder', 'htpasswd')),
    resurrecting: (bench) => {
      const image = readFileSync(file);
      return rig(bench, file, { happen: () => writeFileSync(file, image) });
    },
  },
};

describe('htpasswd', () => {
  for (const row of contractRows(fixture))
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
});

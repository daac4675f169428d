// One run over a hybrid estate of real servers: every account complete, every cell proved, and the systems themselves say the same.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Hybrid, startHybrid } from '../../lab/hybrid.ts';
import type { ItemView, PlanView, RunView } from '../../src/domain/view.ts';
import { installProduct, type Product, type Ran } from './estate/product.ts';

const size = { people: 10, each: 4, controllers: 1 } as const;
const pick = process.env.REKEY_HYBRID?.split(',');
let dir: string;
let lab: Hybrid;
let product: Product;
let run: RunView;
let items: readonly ItemView[];
const rekey = (...args: string[]): Promise<Ran> => product.run(lab.home, ...args);

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'rekey-hybrid-'));
  lab = await startHybrid(dir, size, pick);
  product = installProduct(join(dir, 'product'), { ...lab.env, REKEY_USER: 'lead' });
  const data = <T>(...args: string[]): Promise<T> => product.json<T>(lab.home, 0, ...args);
  await data('init', '--name', 'hybrid-lab');
  await data('discover');
  await data('import', 'exposed', 'exposed.csv');
  const plan = await data<PlanView>('plan', '--name', 'evict', '--reason', 'leaked', '--where', 'exposed = true');
  const applied = await rekey('apply', plan.id, '--confirm', `evict ${plan.totals.rotate}`, '--json');
  run = (JSON.parse(applied.out) as { data: RunView }).data;
  const listed = await rekey('run', 'items', run.id, '--json');
  items = listed.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ItemView)
    // The last line is the count.
    .slice(0, -1);
}, 300_000);
afterAll(async () => {
  await lab?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const all = (): { system: string; name: string; old: string }[] =>
  lab.parts.flatMap((part) => part.accounts.map(({ name, secret }) => ({ system: part.system.id, name, old: secret })));

test('every leaked account of every system is in the run, complete, with every path proved', () => {
  const open = items
    .filter((each) => each.state !== 'complete')
    .map((each) => `${each.system}/${each.account}: ${each.state} ${each.error}`);
  expect(open).toEqual([]);
  expect(items).toHaveLength(all().length);
  expect(run).toMatchObject({ state: 'complete', cells: { notProved: 0, inferred: 0 } });
  for (const item of items) for (const cell of item.cells) expect(cell).toMatchObject({ verdict: 'proved', level: 'probed' });
});

test('people of the directory are proved at the VPN too', () => {
  const people = items.filter((each) => each.system === 'corp-ldap');
  for (const each of people) expect(each.cells.map((cell) => cell.path)).toContain('vpn');
});

describe('asked from outside, with the tools of each system', () => {
  const outside: Record<string, (part: Hybrid['parts'][number], name: string, secret: string) => Promise<boolean>> = {
    'orders-db': ({ system }, name, secret) => {
      const { host, port } = system.config as { host: string; port: number };
      return runs('psql', ['-h', host, '-p', String(port), '-U', name, '-w', '-Atqc', 'SELECT 1', 'postgres'], { PGPASSWORD: secret });
    },
    'shop-db': ({ system }, name, secret) => {
      const { host, port } = system.config as { host: string; port: number };
      const args = ['--no-defaults', '--skip-ssl', '-h', host, '-P', String(port), '-u', name.split('@')[0] as string, '-e', 'SELECT 1'];
      return runs('mariadb', args, { MYSQL_PWD: secret });
    },
    cache: async ({ system }, name, secret) => {
      const { host, port } = system.config as { host: string; port: number };
      return runs('redis-cli', ['-h', host, '-p', String(port), '--user', name, 'PING'], { REDISCLI_AUTH: secret }, /PONG/);
    },
    queues: async ({ system }, name, secret) => {
      const { host, port } = system.config as { host: string; port: number };
      const answer = await fetch(`http://${host}:${port}/api/whoami`, {
        headers: { authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}` },
      });
      // A user without the management tag is told so, and only after its password was right.
      return answer.status === 200 || /Not management user/i.test(await answer.text());
    },
    'corp-ldap': ({ system }, name, secret) => {
      const { url, base, ca } = system.config as { url: string; base: string; ca: string };
      const dn = `${name},ou=${name.includes('svc') ? 'services' : 'people'},${base}`;
      return runs('ldapwhoami', ['-x', '-H', url, '-D', dn, '-w', secret], { LDAPTLS_CACERT: ca });
    },
    'corp-ad': ({ system }, name, secret) => {
      const { controllers, ca } = system.config as { controllers: string[]; ca: string };
      // Samba has no whoami: reading the root entry needs the bind, too.
      const args = ['-x', '-H', controllers[0] as string, '-D', `${name}@LAB.TEST`, '-w', secret, '-s', 'base', '-b', '', '1.1'];
      return runs('ldapsearch', args, { LDAPTLS_CACERT: ca });
    },
  };
  for (const [id, accepts] of Object.entries(outside))
    test.skipIf(pick !== undefined && !pick.includes(id))(`${id}: the new secret opens it, the leaked one does not`, async () => {
      const part = lab.parts.find((each) => each.system.id === id) as Hybrid['parts'][number];
      for (const { name, secret } of part.accounts.slice(0, 3)) {
        const shown = await product.json<{ secret: string }>(lab.home, 0, 'reveal', `${id}/${name}`, '--reveal');
        expect([name, await accepts(part, name, shown.secret)]).toEqual([name, true]);
        expect([name, await accepts(part, name, secret)]).toEqual([name, false]);
      }
    });
});

function runs(command: string, args: readonly string[], env: Readonly<Record<string, string>>, says = /(?:)/): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(command, args, { env: { PATH: process.env.PATH, LC_ALL: 'C', ...env }, timeout: 15_000 }, (error, out) =>
      resolve(error === null && says.test(out)),
    ).stdin?.end();
  });
}

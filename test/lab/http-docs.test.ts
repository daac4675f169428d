// A user adds their own HTTP API with YAML only: the guide's blocks are the example's, its commands run as shown, and the example resets the application.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { freePort, portOpen } from '../../lab/process.ts';
import { http } from '../../src/connectors/http/http.ts';
import type { Estate } from '../../src/estate/estate.ts';
import { parseEstate } from '../../src/estate/parse.ts';
import type { KnownConnectors } from '../../src/estate/rules.ts';
import type { AccountRef, Connection, Found, Outcome, Secret } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { Connections } from '../../src/wire/connections.ts';
import { play, root, stepsIn } from '../harness/console-blocks.ts';

const guide = readFileSync(join(root, 'docs', 'connectors-http.md'), 'utf8');
const example = join(root, 'examples', 'http-api', 'rekey.yaml');
const work = mkdtempSync(join(tmpdir(), 'rekey-docs-http-'));
const known: KnownConnectors = new Map([['http', http]]);
let app: ChildProcess;
let estate: Estate;
let connections: Connections;

beforeAll(async () => {
  const port = await freePort();
  app = spawn(process.execPath, [join(root, 'examples', 'http-api', 'server.mjs')], { env: { PORT: String(port) }, stdio: 'ignore' });
  await portOpen(port, 'Parcel desk');
  estate = parseEstate(readFileSync(example, 'utf8').replaceAll(':18463', `:${port}`), { file: example, connectors: known });
  connections = new Connections(estate, { http: async () => http }, { DESK_TOKEN: 'desk-admin-token' });
});
afterAll(async () => {
  await connections?.close();
  app?.kill();
  rmSync(work, { recursive: true, force: true });
});

const fenced = (language: string): string[] =>
  [...guide.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].filter((m) => m[1] === language).map((m) => m[2] ?? '');
const value = <T>(outcome: Outcome<T>): T => {
  if (outcome.kind !== 'done') throw new Error(`${outcome.kind}: ${outcome.fault.message}`);
  return outcome.value;
};

describe('the guide', () => {
  const blocks = fenced('yaml').filter((text) => !text.startsWith('# instead'));
  type File = { systems: { id: string; config: Record<string, unknown> }[] };
  const systems = new Map((parse(readFileSync(example, 'utf8')) as File).systems.map(({ id, config }) => [id, config]));

  test("block by block is the example's description of passwords, and of keys", () => {
    const written = blocks.map((text) => parse(text) as Record<string, unknown>);
    const keys = written.filter((block) => 'mint' in block);
    expect(Object.assign({}, ...written.filter((block) => !('mint' in block)))).toEqual(systems.get('desk-passwords'));
    expect(keys).toHaveLength(1);
    expect(systems.get('desk-keys')).toMatchObject(keys[0] ?? {});
  });

  test('offers no alternative that would not be taken', () => {
    const others = fenced('yaml').filter((text) => text.startsWith('# instead'));
    expect(others).toHaveLength(1);
    for (const text of others) http.config.parse({ ...systems.get('desk-passwords'), ...(parse(text) as object) });
  });

  test('quotes messages that exist', () => {
    const sources = ['accounts', 'answer', 'api', 'check', 'paging']
      .map((name) => readFileSync(join(root, 'src/connectors/http', `${name}.ts`), 'utf8'))
      .join();
    const quoted = [...guide.slice(guide.indexOf('## When it does not work')).matchAll(/^\| `([^`]+)`/gm)].map(([, text = '']) => text);
    expect(quoted.length).toBeGreaterThan(4);
    for (const text of quoted) for (const part of text.split('…')) expect(sources, text).toContain(part.trim());
  });

  test('runs: every command is typed, ends and prints as shown', async () => {
    const steps = stepsIn(guide, 'docs/connectors-http.md');
    expect(steps.length).toBeGreaterThan(12);
    expect(await play(steps, { name: 'docs/connectors-http.md', folder: work })).toEqual([]);
  });
});

async function everybody(connection: Connection): Promise<Map<string, Found>> {
  const found: Found[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = value(
      await (connection.inventory as NonNullable<Connection['inventory']>).page({ limit: 3, ...(cursor === undefined ? {} : { cursor }) }),
    );
    found.push(...page.items);
    cursor = page.next;
    if (cursor === undefined) return new Map(found.map((each) => [each.name, each]));
  }
}
async function login(connection: Connection, account: AccountRef, secret: Secret): Promise<string> {
  const probe = connection.probe as NonNullable<Connection['probe']>;
  const [where] = await probe.paths();
  return where === undefined ? 'no path' : (await probe.attempt(account, secret, where)).verdict;
}
const refOf = (system: string, { id, name }: Found): AccountRef => ({ system, id, name });

describe('the example', () => {
  test('finds everybody, sets a password, proves the old one dead, ends the session opened with it', async () => {
    const { connection } = await connections.open('desk-passwords');
    const people = await everybody(connection);
    expect([...people.keys()].sort()).toEqual(['anna', 'rekey-canary', 'svc-labels', 'svc-scanner']);
    const account = refOf('desk-passwords', people.get('anna') as Found);
    const [old, fresh] = [secretOf('old', 'first-password-of-anna'), secretOf('new', 'Fresh-password-4-anna')];
    expect(await login(connection, account, old)).toBe('accepted');
    expect(await connection.setSecret?.set(account, secretOf('short', 'short'))).toMatchObject({
      kind: 'refused',
      fault: { code: 'policy' },
    });
    const before = value(
      await (connection.state as NonNullable<Connection['state']>).read(account, (await connection.state?.replicas())?.[0] ?? ''),
    );
    await new Promise((resolve) => setTimeout(resolve, 5));
    const changed = new Date();
    expect(value(await (connection.setSecret as NonNullable<Connection['setSecret']>).set(account, fresh))).toBeUndefined();
    const after = value(
      await (connection.state as NonNullable<Connection['state']>).read(account, (await connection.state?.replicas())?.[0] ?? ''),
    );
    expect(after.marker).not.toBe(before.marker);
    expect(after.changedAt?.getTime()).toBeGreaterThanOrEqual(changed.getTime());
    for (const [secret, verdict] of [
      [fresh, 'accepted'],
      [secretOf('nonsense', 'n0ns3ns3'), 'rejected'],
      [old, 'rejected'],
      [fresh, 'accepted'],
    ] as const)
      expect(await login(connection, account, secret)).toBe(verdict);
    const sessions = connection.sessions as NonNullable<Connection['sessions']>;
    expect(value(await sessions.list(account))).toHaveLength(3);
    expect(value(await sessions.end(account, changed))).toEqual({ ended: 1, left: 0 });
    expect(value(await sessions.list(account))).toHaveLength(2);
    expect(value(await (connection.contain as NonNullable<Connection['contain']>).block(account))).toBeUndefined();
    expect(await login(connection, account, fresh)).toBe('blocked');
    value(await (connection.contain as NonNullable<Connection['contain']>).unblock(account));
  });

  test('exchanges a key: both open while two live, the old one opens nothing once retired', async () => {
    const { connection } = await connections.open('desk-keys');
    const account = refOf('desk-keys', (await everybody(connection)).get('svc-labels') as Found);
    const dual = connection.dualSecret as NonNullable<Connection['dualSecret']>;
    const old = secretOf('old', 'first-key-of-svc-labels');
    const [first] = value(await dual.list(account));
    const { slot, secret } = value(await dual.issue(account, { seal: async (label, bytes) => secretOf(label, bytes) }, 'rekey-r1-1'));
    expect(await Promise.all([old, secret].map((each) => login(connection, account, each)))).toEqual(['accepted', 'accepted']);
    value(await dual.retire(account, first?.slot ?? ''));
    expect(await Promise.all([old, secret].map((each) => login(connection, account, each)))).toEqual(['rejected', 'accepted']);
    expect(value(await dual.list(account))).toMatchObject([{ slot, label: 'rekey-r1-1' }]);
    expect(connection.setSecret).toBeUndefined();
  });
});

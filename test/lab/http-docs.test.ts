// A user adds their own HTTP API with YAML only: the guide's blocks are the example's, its commands run as shown, and the example resets the application.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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

const root = fileURLToPath(new URL('../../', import.meta.url));
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
    expect(await play(fenced('console').join('\n'))).toEqual([]);
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

/** Types the guide's `$` lines into one shell and says what did not end or print as shown. */
async function play(console: string): Promise<string[]> {
  const steps: { command: string; shown: string[]; exit: number }[] = [];
  for (const line of console.split('\n').filter((each) => each.trim() !== '')) {
    const last = steps.at(-1);
    if (line.startsWith('$ ')) steps.push({ command: line.slice(2), shown: [], exit: 0 });
    else if (last !== undefined && /^exit \d+$/.test(line)) last.exit = Number(line.slice(5));
    else last?.shown.push(line);
  }
  expect(steps.length).toBeGreaterThan(12);
  const bin = join(work, 'rekey');
  writeFileSync(bin, `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'bin', 'rekey.js')}" "$@"\n`, { mode: 0o755 });
  const script = steps.map(({ command }, n) => `{ ${command}\n} > "$LOG/${n}.out" 2>&1 < /dev/null; echo $? > "$LOG/${n}.exit"`).join('\n');
  const folder = mkdtempSync(join(work, 'desk-'));
  const log = mkdtempSync(join(work, 'log-'));
  const { REKEY_URL: _url, REKEY_ESTATE: _estate, ...env } = process.env;
  const around = { ...env, LOG: log, REKEY_HOME: root, PATH: `${work}:${process.env.PATH}`, LANG: 'C.UTF-8' };
  await new Promise<void>((resolve) => execFile('bash', ['-c', script], { cwd: folder, env: around, timeout: 300_000 }, () => resolve()));
  return steps.flatMap(({ command, shown, exit }, n) => {
    const out = readFileSync(join(log, `${n}.out`), 'utf8');
    const ended = Number(readFileSync(join(log, `${n}.exit`), 'utf8'));
    if (ended !== exit) return [`${command}\n  shown exit ${exit}, was ${ended}\n${out}`];
    return shown.filter((line) => !pattern(line).test(out)).map((line) => `${command}\n  shown but not printed: ${line}\n${out}`);
  });
}

const pattern = (line: string): RegExp =>
  new RegExp(
    line
      .trim()
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ +/g, '\\s+'))
      .join('.*'),
  );

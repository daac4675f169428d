// The PostgreSQL connector against a real server and a real standby: what a reset changes, what it must end, and every way an answer can be lost.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type LabPostgres, startPostgres } from '../../lab/postgres.ts';
import { sleep } from '../../lab/process.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import { type Config, config } from '../../src/connectors/postgresql/config.ts';
import { postgresql } from '../../src/connectors/postgresql/postgresql.ts';
import type { AccountRef, Check, Found, Io, Outcome, Secret } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';

type Connection = Awaited<ReturnType<typeof postgresql.open>>;

const hostile = [
  'two words',
  'quo"te',
  "apo'strophe",
  'back\\slash',
  'x"; ALTER ROLE victim PASSWORD NULL; --',
  "x'); DROP ROLE victim; --",
  '$1',
  'Größe-用户-🔑',
  'N'.repeat(63),
  'UPPER.lower',
];
const dir = mkdtempSync(join(tmpdir(), 'rekey-lab-pg-'));
const canaries: string[] = [];
let lab: LabPostgres;
let connection: Connection;
let accounts: Map<string, Found>;

function secret(label = 'candidate'): Secret {
  const value = `cnry${randomBytes(15).toString('base64url')}!x`;
  canaries.push(value);
  return secretOf(label, value);
}
const nonsense = (): Secret => secret('nonsense');

function ioFor(password: string, timeoutMs = 5_000): Io {
  return {
    system: 'lab-pg',
    timeoutMs,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: async () => secretOf('own', password),
    path: (relative) => join(dir, relative),
  };
}
function settings(more: Partial<Record<keyof Config, unknown>> = {}): Config {
  const replicas = lab.standby === undefined ? [] : [{ host: lab.standby.host, port: lab.standby.port }];
  return config.parse({ host: lab.host, port: lab.port, user: lab.rekey.user, password: { env: 'UNUSED' }, replicas, ...more });
}
const open = (more: Partial<Record<keyof Config, unknown>> = {}, timeoutMs?: number): Promise<Connection> =>
  postgresql.open(settings(more), ioFor(lab.rekey.password, timeoutMs));

function ref(name: string): AccountRef {
  const found = accounts.get(name);
  if (found === undefined) throw new Error(`no such role ${name}`);
  return { system: 'lab-pg', id: found.id, name };
}
function value<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'done') throw new Error(`${outcome.kind}: ${outcome.fault.code} ${outcome.fault.message}`);
  return outcome.value;
}
async function readAll(on: Connection, limit = 7): Promise<Found[]> {
  const all: Found[] = [];
  let cursor: string | undefined;
  do {
    const page = value(await on.inventory.page(cursor === undefined ? { limit } : { cursor, limit }));
    all.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return all;
}
async function say(name: string, tried: Secret, on = connection): Promise<string[]> {
  const paths = await on.probe.paths();
  const probed = await Promise.all(paths.map((where) => on.probe.attempt(ref(name), tried, where)));
  return probed.map(({ verdict, code }) => `${verdict} ${code}`);
}
async function session(user: string, password: string, port = lab.port, name = 'workload'): Promise<pg.Client & { lost: Promise<string> }> {
  const client = new pg.Client({ host: lab.host, port, user, password, database: 'postgres', ssl: false, application_name: name });
  const lost = new Promise<string>((resolve) => client.on('error', (error) => resolve(error.message)));
  await client.connect();
  return Object.assign(client, { lost });
}
const caughtUp = (): Promise<void> => lab.standby?.resumeReplay() ?? Promise.resolve();

/** The one block of SQL in the README that makes the view: what people are told to run is what is tested. */
function readmeSql(): string {
  const readme = readFileSync(new URL('../../src/connectors/postgresql/README.md', import.meta.url), 'utf8');
  const block = [...readme.matchAll(/```sql\n([\s\S]*?)```/g)]
    .map((found) => found[1] ?? '')
    .find((sql) => sql.includes('rekey.role_state'));
  if (block === undefined) throw new Error('the README has no SQL for rekey.role_state');
  return block;
}

beforeAll(async () => {
  lab = await startPostgres({
    dir,
    standby: true,
    settings: { track_commit_timestamp: 'on' },
    hba: ['host all open_to_all 127.0.0.1/32 trust', 'host all barred 127.0.0.1/32 reject'],
    roles: [
      'app',
      'victim',
      'churned',
      'open_to_all',
      'barred',
      'limited',
      { name: 'svc-orders', comment: 'Orders service, owner: Olga@Example.test' },
      { name: 'alice', comment: 'alice@example.test' },
      { name: 'boss', attributes: 'SUPERUSER' },
      { name: 'maker', attributes: 'CREATEROLE' },
      { name: 'gone', attributes: "VALID UNTIL '2001-01-01'" },
      ...hostile,
    ],
  });
  await lab.sql('GRANT maker TO limited');
  await caughtUp();
  connection = await open();
  accounts = new Map((await readAll(connection)).map((found) => [found.name, found]));
}, 60_000);
afterAll(async () => {
  await connection?.[Symbol.asyncDispose]();
  await lab?.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('inventory', () => {
  test('every login role is found once, page by page, with what the server says about it', async () => {
    const names = (await readAll(connection, 3)).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect([...names].sort()).toEqual(['postgres', 'rekey', ...Object.keys(lab.secrets)].sort());
    expect(accounts.get('svc-orders')).toMatchObject({ kind: 'service', owner: 'olga@example.test', enabled: true, privileged: false });
    expect(accounts.get('alice')).toMatchObject({ kind: 'human', owner: 'alice@example.test' });
    expect(accounts.get('gone')).toMatchObject({ enabled: false });
    for (const name of ['boss', 'maker', 'limited', 'rekey']) expect(accounts.get(name)?.privileged, name).toBe(true);
    expect(accounts.get('rekey')?.facts).toMatchObject({ own: true });
    expect(accounts.get('app')?.facts).toMatchObject({ own: false, verifier: null, memberOf: [], preparedTransactions: 0 });
    expect(accounts.get('limited')?.facts).toMatchObject({ memberOf: ['maker'] });
  });

  test('include and exclude globs are applied by the server, and a glob is not a regular expression', async () => {
    await using some = await open({ include: ['svc-*', 'app', 'a.ice', '$1'], exclude: ['?pp'] });
    expect((await readAll(some)).map(({ name }) => name).sort()).toEqual(['$1', 'svc-orders']);
  });
});

describe('a reset', () => {
  test('puts the new secret in place of the old on the primary and the standby', async () => {
    const [fresh, old] = [secret(), secretOf('old', lab.secrets.app ?? '')];
    value(await connection.setSecret.set(ref('app'), fresh));
    await caughtUp();
    expect(await say('app', fresh)).toEqual(['accepted 00000', 'accepted 00000']);
    expect(await say('app', nonsense())).toEqual(['rejected 28P01', 'rejected 28P01']);
    expect(await say('app', old)).toEqual(['rejected 28P01', 'rejected 28P01']);
    expect(await say('app', fresh)).toEqual(['accepted 00000', 'accepted 00000']);
  });

  test('repeated with the same version is safe', async () => {
    const fresh = secret();
    for (let time = 0; time < 3; time++) value(await connection.setSecret.set(ref('app'), fresh));
    expect((await say('app', fresh))[0]).toBe('accepted 00000');
  });

  test('of a role with a hostile name changes that role and no other', async () => {
    const before = await lab.sql('SELECT oid::text, rolpassword FROM pg_authid ORDER BY oid');
    for (const name of hostile) {
      const fresh = secret();
      value(await connection.setSecret.set(ref(name), fresh));
      expect((await say(name, fresh))[0], name).toBe('accepted 00000');
      value(await connection.contain.block(ref(name)));
      value(await connection.contain.unblock(ref(name)));
    }
    const after = await lab.sql('SELECT oid::text, rolpassword FROM pg_authid ORDER BY oid');
    const ids = new Set(hostile.map((name) => ref(name).id));
    expect(after.map((row) => row.oid)).toEqual(before.map((row) => row.oid));
    for (const [n, row] of after.entries())
      expect(row.rolpassword === before[n]?.rolpassword, String(row.oid)).toBe(!ids.has(String(row.oid)));
  });

  test('follows a renamed role by its oid, and never touches another role that took the name', async () => {
    await lab.sql(`CREATE ROLE wanderer LOGIN PASSWORD 'x'`);
    const [{ id } = { id: '' }] = await lab.sql(`SELECT oid::text AS id FROM pg_roles WHERE rolname = 'wanderer'`);
    const account = { system: 'lab-pg', id: String(id), name: 'wanderer' };
    await lab.sql(`ALTER ROLE wanderer RENAME TO settled; CREATE ROLE wanderer LOGIN PASSWORD 'y'`);
    const verifiers = `SELECT rolname, rolpassword FROM pg_authid WHERE rolname IN ('wanderer', 'settled') ORDER BY 1`;
    const before = await lab.sql(verifiers);
    value(await connection.setSecret.set(account, secret()));
    const after = await lab.sql(verifiers);
    expect(after[0]?.rolpassword).not.toBe(before[0]?.rolpassword);
    expect(after[1]).toEqual(before[1]);
    await lab.sql('DROP ROLE settled');
    expect(await connection.setSecret.set(account, secret())).toMatchObject({ kind: 'refused', fault: { code: 'not-found' } });
    expect((await lab.sql(verifiers))[0]).toEqual(before[1]);
    await lab.sql('DROP ROLE wanderer');
    expect(await connection.setSecret.set(account, secret())).toMatchObject({ kind: 'refused', fault: { code: 'not-found' } });
  });

  test('that meets another writer on the same role is tried again until it holds', async () => {
    let stop = false;
    const churn = Promise.all(
      [1, 2].map(async () => {
        const client = await session('postgres', new URL(lab.url).password);
        while (!stop) {
          await client.query('ALTER ROLE churned CONNECTION LIMIT 50').catch(() => {});
          await sleep(Math.random() * 6);
        }
        await client.end();
      }),
    );
    const outcomes: Outcome<void>[] = [];
    for (let n = 0; n < 20; n++) outcomes.push(await connection.setSecret.set(ref('churned'), secret()));
    const last = secret();
    stop = true;
    await churn;
    value(await connection.setSecret.set(ref('churned'), last));
    expect((await say('churned', last))[0]).toBe('accepted 00000');
    // Nothing but "done" or a certain, retryable refusal: never in doubt.
    for (const outcome of outcomes)
      if (outcome.kind !== 'done') expect(outcome).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
    expect(outcomes.filter(({ kind }) => kind === 'done').length).toBeGreaterThanOrEqual(18);
    expect(readFileSync(lab.logFile, 'utf8')).toContain('tuple concurrently updated');
  });

  test('of a superuser is refused as a matter of rights, and a value outside ASCII before anything is sent', async () => {
    expect(await connection.setSecret.set(ref('boss'), secret())).toMatchObject({
      kind: 'refused',
      fault: { code: 'permission', target: '42501' },
    });
    for (const bad of ['', 'pässwort', 'tab\there', 'nul\0l'])
      expect(await connection.setSecret.set(ref('app'), secretOf('bad', bad))).toMatchObject({
        kind: 'refused',
        fault: { code: 'policy' },
      });
  });
});

// The lab's workload tells the truth about itself: connected only with the secret in its file, every gap written down, never the secret.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readCredential } from '../../lab/credential-file.ts';
import { type LiveClient, type LiveEvent, longestOutage, readEvents, startLiveClient } from '../../lab/live-client.ts';
import { type LabPostgres, startPostgres } from '../../lab/postgres.ts';
import { sleep } from '../../lab/process.ts';
import { type Slapd, startSlapd } from '../../lab/slapd.ts';

describe('a credential file', () => {
  test.each([
    ['line', "s3 cr'et\n", "s3 cr'et"],
    ['dotenv:DB_PASSWORD', 'A=1\nexport DB_PASSWORD="a\\"b=c"\nDB_PASSWORD_OLD=x\n', 'a"b=c'],
    ['dotenv:K', "K='one'\nK='t$wo'\n", 't$wo'],
    ['json:/db/0/pass~1word', '{"db":[{"pass/word":"p"}]}', 'p'],
    ['yaml:/db/password', 'db:\n  user: u\n  password: "y: #1"\n', 'y: #1'],
    ['ini:db.main.password', '[db]\npassword=no\n[db.main]\nuser = u\npassword = p=q\n', 'p=q'],
    ['pgpass:h:5432:d:u', '# x\nh:5432:other:u:no\nh:*:d:u:co\\:lon\\\\\n*:*:*:*:late\n', 'co:lon\\'],
  ])('%s is read as its users read it', (format, content, secret) => {
    expect(readCredential(content, format)).toBe(secret);
  });

  test('without the secret is an error that names the place and not the content', () => {
    for (const format of ['dotenv:NO', 'json:/no', 'yaml:/a/b', 'ini:x.y', 'pgpass:h:1:d:u', 'nothing'])
      expect(() => readCredential('{"a":"secret-value"}', format)).toThrow(`no secret at ${format}`);
  });
});

const event = (seconds: number, name: LiveEvent['event']): LiveEvent => ({ at: new Date(seconds * 1000).toISOString(), event: name });
test('the longest outage runs from the loss to the next connection, within the asked time, and an open one counts', () => {
  const events = [
    event(0, 'started'),
    event(1, 'connected'),
    event(10, 'lost'),
    event(11, 'refused'),
    event(14, 'connected'),
    event(20, 'lost'),
    event(22, 'connected'),
  ];
  expect(longestOutage(events, 0, 30_000)).toBe(4_000);
  expect(longestOutage(events, 15_000, 30_000)).toBe(2_000);
  expect(longestOutage([...events, event(25, 'lost')], 15_000, 30_000)).toBe(5_000);
  expect(longestOutage(events.slice(0, 1), 0, 3_000)).toBe(3_000);
});

const dir = mkdtempSync(join(tmpdir(), 'rekey-lab-live-'));
const running: { stop(): Promise<unknown> }[] = [];
let lab: LabPostgres;
let slapd: Slapd;
beforeAll(async () => {
  [lab, slapd] = await Promise.all([
    startPostgres({ dir: join(dir, 'pg'), roles: ['app'] }),
    startSlapd({ dir: join(dir, 'ldap'), people: 1, services: 1, sync: false }),
  ]);
}, 60_000);
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop();
});
afterAll(async () => {
  await Promise.all([lab?.stop(), slapd?.stop()]);
  rmSync(dir, { recursive: true, force: true });
});

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 10) {
    if (condition()) return;
    await sleep(10);
  }
  throw new Error(`not within 10 s: ${what}`);
}
const names = (client: { events: readonly LiveEvent[] }): string[] => client.events.map(({ event: name }) => name);
function live(
  format: string,
  content: string,
  client: (file: string) => Parameters<typeof startLiveClient>[0],
): { client: LiveClient; file: string } {
  const file = join(dir, `secret-${running.length}-${format.replaceAll('/', '_')}`);
  writeFileSync(file, content);
  const started = startLiveClient(client(file));
  running.push(started);
  return { client: started, file };
}
const terminate = () => lab.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'`);

test('on PostgreSQL it works on one connection, keeps it through a reset, and comes back from its file when the connection is ended', async () => {
  const target = { kind: 'postgres', host: lab.host, port: lab.port, user: 'app' } as const;
  const { client, file } = live('dotenv:PW', `PW=${lab.secrets.app}\n`, (path) => ({
    target,
    file: path,
    format: 'dotenv:PW',
    everyMs: 30,
    retryMs: 50,
    name: 'orders',
  }));
  await until(() => client.rounds > 3, 'work');
  expect(await lab.sql(`SELECT application_name FROM pg_stat_activity WHERE usename = 'app'`)).toEqual([{ application_name: 'orders' }]);
  await lab.sql(`ALTER ROLE app PASSWORD 'second-value'`);
  const rounds = client.rounds;
  await until(() => client.rounds > rounds + 3, 'work after the reset');
  await terminate();
  await until(() => names(client).includes('refused'), 'refusal of the old secret');
  expect(client.connected).toBe(false);
  expect(client.events.findLast(({ event: name }) => name === 'refused')?.code).toBe('28P01');
  writeFileSync(file, 'PW=second-value\n');
  await until(() => client.connected, 'return');
  expect(client.events.at(-1)).toMatchObject({ event: 'connected', fresh: true });
  expect(longestOutage(client.events)).toBeGreaterThan(0);
});

test('a reload replaces the connection without a gap; one that fails keeps the old connection', async () => {
  await lab.sql(`ALTER ROLE app PASSWORD 'first-value'`);
  const target = { kind: 'postgres', host: lab.host, port: lab.port, user: 'app' } as const;
  const { client, file } = live('line', 'first-value\n', (path) => ({ target, file: path, format: 'line', everyMs: 30, retryMs: 50 }));
  await until(() => client.connected, 'connection');
  const from = Date.now();
  writeFileSync(file, 'wrong-value\n');
  client.reload();
  await until(() => names(client).includes('refused'), 'refusal');
  expect(client.connected).toBe(true);
  await lab.sql(`ALTER ROLE app PASSWORD 'third-value'`);
  writeFileSync(file, 'third-value\n');
  client.reload();
  await until(() => client.events.at(-1)?.fresh === true, 'new connection');
  await sleep(100);
  expect(await lab.sql(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'app'`)).toEqual([{ n: 1 }]);
  expect(longestOutage(client.events, from)).toBe(0);
});

test('on LDAP it never takes an unbound connection for a working one', async () => {
  const target = { kind: 'ldap', url: slapd.url, dn: slapd.services.dn(0) } as const;
  const good = slapd.initialPassword(slapd.services.uid(0));
  const { client, file } = live('json:/pw', JSON.stringify({ pw: good }), (path) => ({
    target,
    file: path,
    format: 'json:/pw',
    everyMs: 30,
    retryMs: 50,
  }));
  await until(() => client.rounds > 3, 'work');
  writeFileSync(file, JSON.stringify({ pw: 'wrong' }));
  await slapd.restart();
  await until(() => names(client).includes('refused'), 'refusal');
  expect(names(client)).toContain('lost');
  expect(client.connected).toBe(false);
  writeFileSync(file, JSON.stringify({ pw: good }));
  await until(() => client.connected, 'return');
});

test('as a process of its own it logs NDJSON without the secret, reloads on SIGHUP and leaves on SIGTERM', async () => {
  await lab.sql(`ALTER ROLE app PASSWORD 'process-value'`);
  const [file, log] = [join(dir, 'own'), join(dir, 'own.ndjson')];
  writeFileSync(file, '[db]\npassword = process-value\n');
  const args = [
    '--target',
    `postgres://app@${lab.host}:${lab.port}/postgres`,
    '--file',
    file,
    '--format',
    'ini:db.password',
    '--log',
    log,
    '--every',
    '30',
  ];
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', 'lab/live-client.ts', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  writeFileSync(log, '');
  await until(() => readEvents(log).some(({ event: name }) => name === 'connected'), 'connection');
  child.kill('SIGHUP');
  await until(() => readEvents(log).filter(({ event: name }) => name === 'connected').length === 2, 'second connection');
  child.kill('SIGTERM');
  await until(() => child.exitCode === 0, 'exit');
  expect(readEvents(log).map(({ event: name }) => name)).toEqual(['started', 'connected', 'reloading', 'connected', 'stopped']);
  expect(readFileSync(log, 'utf8')).not.toContain('process-value');
});

// The whole path over real servers, as its users walk it: a leak of a directory and a database, reset and proved, with workloads running on the credentials.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCredential } from '../../lab/credential-file.ts';
import { longestOutage, readEvents } from '../../lab/live-client.ts';
import { sleep } from '../../lab/process.ts';
import type { ItemView, PlanView, RunView } from '../../src/domain/view.ts';
import { type Consumers, retryMs } from './estate/consumers.ts';
import { type Escrowed, tablesAsText, withStore } from './estate/escrow-dump.ts';
import { estateYaml, type Ground, startGround } from './estate/ground.ts';
import { type Account, startIncident, type Thief } from './estate/incident.ts';
import { login, marksOf, watchLocks } from './estate/outside.ts';
import type { Ran } from './estate/product.ts';
import { searchFor, watchArguments } from './estate/secret-search.ts';
import { size } from './estate/size.ts';
import type { Workload } from './estate/workloads.ts';

let ground: Ground;
let consumers: Consumers;
let accounts: readonly Account[];
let noise: readonly Workload[] = [];
let plan: PlanView;
let run: RunView;
let items: readonly ItemView[];
let applied: Ran;
let began = 0;
const marks: Record<string, number> = {};
let thieves: readonly Thief[] = [];
let locks: Awaited<ReturnType<ReturnType<typeof watchLocks>['stop']>>;
let argv: readonly string[] = [];

const rekey = (...args: string[]): Promise<Ran> => ground.product.run(ground.home, ...args);
const data = <T>(...args: string[]): Promise<T> => ground.product.json<T>(ground.home, 0, ...args);
const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
  const from = performance.now();
  try {
    return await work();
  } finally {
    marks[name] = Math.round(performance.now() - from) / 1000;
  }
};

beforeAll(async () => {
  const from = performance.now();
  ground = await startGround({ people: size.people, services: size.services, roles: size.roles, replicas: 1 });
  ({ accounts, consumers, noise, thieves } = await startIncident(ground));
  marks.ground = Math.round(performance.now() - from) / 1000;
}, 180_000);

afterAll(async () => {
  for (const { client } of thieves) await client.end().catch(() => {});
  await Promise.all([consumers?.stop(), ...noise.map((each) => each.stop())]);
  if (process.env.REKEY_LAB_KEEP === undefined) await ground?.stop();
  else await Promise.allSettled([ground.slapd.stop(), ground.lab.stop()]);
});

test('an estate is made, checked, read and filled from the files people have', async () => {
  const { home, slapd } = ground;
  truncateSync(ground.lab.logFile, 0); // its own set-up wrote first passwords there
  expect((await rekey('init', '--name', 'acme')).exit).toBe(0);
  writeFileSync(join(home, 'rekey.yaml'), estateYaml(ground));
  const doctor = await timed('doctor', () => data<{ ok: boolean; checks: { verdict: string; message: string }[] }>('doctor'));
  expect(doctor.checks.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
  const { systems } = await timed('discover', () => data<{ systems: { system: string; found: number; problem?: string }[] }>('discover'));
  expect(Object.fromEntries(systems.map((s) => [s.system, s.found]))).toMatchObject({
    'corp-ldap': size.people + size.services + 2,
    'orders-db': size.roles + 2,
  });
  const owners = accounts.map(({ system, name, target }) => {
    const person = target.kind === 'ldap' && target.dn.includes('ou=people');
    const kind = person ? 'human' : target.kind === 'ldap' ? 'service' : 'application';
    return [system, name, person ? `${name}@lab.test` : '', kind, person ? `${name}@lab.test` : 'ops@example.test'].join(',');
  });
  writeFileSync(join(home, 'owners.csv'), `system,account,identity,kind,owner\n${owners.join('\n')}\n`);
  writeFileSync(join(home, 'consumers.csv'), consumers.csv);
  const exposed = accounts.filter((each) => each.leaked).map(({ system, name, first }) => `${system},${name},${first}`);
  writeFileSync(join(home, 'exposed.csv'), `system,account,secret\n${exposed.join('\n')}\n`, { mode: 0o600 });
  for (const kind of ['owners', 'consumers', 'exposed'] as const) {
    const report = await timed(`import ${kind}`, () => data<{ rows: number; imported: number }>('import', kind, `${kind}.csv`));
    expect(report).toMatchObject({ rows: { owners: owners.length, consumers: size.consumers, exposed: exposed.length }[kind] });
    expect(report.imported).toBe(report.rows);
  }
  expect(slapd.replicas).toHaveLength(1);
});

test('a plan of the whole estate names no blocker but our own login, and is approved by two people with two tools', async () => {
  const { home, keys } = ground;
  plan = await timed('plan', () =>
    data<PlanView>('plan', '--where', 'all', '--reason', 'dump of the directory found', '--name', 'evict', '-o', 'plan.json'),
  );
  expect(plan.blockers.map(({ reason, count }) => [reason, count])).toEqual([['own-credential', 2]]);
  expect(plan.totals).toMatchObject({ rotate: accounts.length + 2, blocked: 2, skipped: 0, consumers: size.consumers });
  expect(plan.approvals).toMatchObject({ needed: 2, given: [] });
  expect((await rekey('apply', 'plan.json', '--confirm', `evict ${plan.totals.rotate}`)).exit).toBe(5);
  expect((await rekey('approve', 'plan.json', '--as', 'alice', '--key', keys.alice)).exit).toBe(0);
  const message = await rekey('approve', plan.id, '--message');
  writeFileSync(join(home, 'msg'), message.out);
  execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'rekey-approval', '-f', keys.bob, join(home, 'msg')], { stdio: 'ignore' });
  expect((await rekey('approve', plan.id, '--as', 'bob', '--signature', 'msg.sig')).exit).toBe(0);
  expect((await rekey('apply', 'plan.json', '--yes')).exit).toBe(3);
});

test('the run completes: every item, every consumer, every cell', async () => {
  const mistyped = [...(await marksOf(ground.slapd))].filter(([dn]) => dn.includes('ou=people')).map(([, { failures }]) => failures);
  expect([mistyped.filter((n) => n === 1).length, mistyped.filter((n) => n === 2).length]).toEqual([15, 5]);
  const watchedLocks = watchLocks(ground.slapd);
  const watchedArguments = watchArguments();
  began = Date.now();
  applied = await timed('apply', () => rekey('apply', 'plan.json', '--confirm', `evict ${plan.totals.rotate}`, '--json'));
  locks = await watchedLocks.stop();
  argv = watchedArguments.stop();
  const [first] = (JSON.parse(applied.out) as { data: RunView }).data.id.split('\n');
  run = await data<RunView>('run', 'show', first ?? '');
  expect({ state: run.state, failures: run.failures, counts: run.counts, exit: applied.exit }).toEqual({
    state: 'complete',
    failures: [],
    counts: { complete: plan.totals.rotate, excluded: 2 },
    exit: 0,
  });
  expect(run.consumers).toEqual({ adopted: size.consumers });
  const listed = await rekey('run', 'items', run.id, '--json');
  const lines = listed.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ItemView & { type?: string; count?: number });
  expect(lines.at(-1)).toMatchObject({ type: 'result', count: plan.totals.rotate + 2 });
  items = lines.slice(0, -1).filter(({ state }) => state !== 'excluded');
  expect(items.filter(({ consumers: own }) => own.some(({ state }) => state !== 'adopted'))).toEqual([]);
  const leaked = new Set(accounts.filter((each) => each.leaked).map(({ system, name }) => `${system}/${name}`));
  for (const { system, account, cells } of items) {
    const name = account.replace(/^uid=([^,]*).*/, '$1');
    const canary = /^rekey[-_]canary$/.test(name);
    const level = canary || leaked.has(`${system}/${name}`) ? 'probed' : 'state+canary';
    expect(
      cells.map((cell) => [cell.verdict, cell.level]),
      `${system}/${account}`,
    ).toEqual(Array.from({ length: system === 'corp-ldap' ? 2 : 1 }, () => ['proved', level]));
  }
});

test('nobody was locked out, and no account is closer to its lock than before', async () => {
  const { slapd } = ground;
  expect(locks.looks).toBeGreaterThan(4);
  expect(locks.locked).toEqual([]);
  const job = slapd.services.dn(slapd.services.count - 1);
  // The forgotten jobs went on failing all the time.
  for (const name of ['pg', 'ldap']) {
    const during = readEvents(join(ground.dir, `noise-${name}.ndjson`)).filter(({ at }) => Date.parse(at) >= began);
    expect(during.filter(({ event }) => event === 'refused').length, name).toBeGreaterThan(2);
    expect(
      during.filter(({ event }) => event !== 'refused'),
      name,
    ).toEqual([]);
  }
  for (const url of [slapd.url, ...slapd.replicas.map((each) => each.url)]) {
    const now = await marksOf(slapd, url);
    expect(now.size).toBeGreaterThan(size.people + size.services);
    expect(
      [...now].filter(([dn, { failures, locked }]) => locked || (failures > 0 && dn !== job)),
      url,
    ).toEqual([]);
  }
});

test('running workloads moved to the new secret and were never without a connection for longer than their own retry', () => {
  const gaps = consumers.all.flatMap(({ id, live }) => {
    if (live === undefined) return [];
    const events = readEvents(live.log);
    const moved = events.some(({ event, fresh }) => event === 'connected' && fresh === true);
    return [{ id, moved, gap: longestOutage(events, began), last: events.at(-1)?.event }];
  });
  marks['longest gap'] = Math.max(...gaps.map(({ gap }) => gap)) / 1000;
  expect(gaps).toHaveLength(size.live);
  expect(gaps.filter(({ moved, gap, last }) => !moved || gap > retryMs + 750 || last !== 'connected')).toEqual([]);
});

test('sessions opened with the old secrets are dead', async () => {
  for (const { role, client, lost } of thieves) {
    expect(await Promise.race([lost, sleep(1_000).then(() => 'alive')]), role).toBe('57P01');
    await expect(client.query('SELECT 1')).rejects.toThrow();
  }
});

test('from outside, revealed secrets work and old ones are refused', async () => {
  const step = Math.floor(accounts.length / size.sample);
  const chosen = [...accounts.filter((_, n) => n % step === 0), ...accounts.slice(-6)].slice(-size.sample);
  const worker = ground.product.start(ground.home, 'worker');
  // Before it listens, commands would open the estate themselves, one after another.
  await new Promise<void>((resolve) => worker.child.stderr?.on('data', (text) => /working/.test(String(text)) && resolve()));
  await timed('reveal', async () => {
    const queue = [...chosen];
    const next = async (): Promise<void> => {
      for (let account = queue.shift(); account !== undefined; account = queue.shift()) {
        const { secret } = await data<{ secret: string }>('reveal', `${account.system}/${account.name}`, '--reveal');
        expect([account.name, await login(account.target, secret), await login(account.target, account.first)]).toEqual([
          account.name,
          'in',
          'refused',
        ]);
        if (account.target.kind === 'ldap') expect(await login(account.target, secret)).toBe('in');
      }
    };
    try {
      await Promise.all([next(), next(), next()]);
    } finally {
      worker.child.kill('SIGINT');
    }
  });
  expect((await worker.ended).exit).toBe(130);
});

test('the evidence verifies, and one changed byte is named', async () => {
  const proof = await timed('prove', () => rekey('prove', run.id, '-o', 'evidence'));
  expect(proof.exit).toBe(0);
  const bundle = join(ground.home, 'evidence');
  const verified = await timed('verify', () =>
    data<{ ok: boolean; items: number; approvals: string[]; entries: number }>('evidence', 'verify', 'evidence'),
  );
  expect(verified).toMatchObject({ ok: true, items: plan.totals.rotate + 2 });
  expect(verified.approvals.map((each) => each.split(' ')[0]).sort()).toEqual(['alice', 'bob']);
  marks['bundle MiB'] = Math.round(statSync(join(bundle, 'entries.ndjson')).size / 2 ** 17) / 8;
  const copy = join(ground.dir, 'altered');
  cpSync(bundle, copy, { recursive: true });
  for (const file of ['entries.ndjson', 'items.ndjson', 'report.json', 'checkpoint', 'plan.json']) {
    const good = readFileSync(join(bundle, file));
    const at = Math.floor(good.length / 2);
    const bad = Buffer.from(good);
    bad[at] = (bad[at] ?? 0) ^ 1;
    writeFileSync(join(copy, file), bad);
    const { exit, err } = await rekey('evidence', 'verify', copy);
    expect([file, exit === 0]).toEqual([file, false]);
    expect(err).toContain(file);
    if (file === 'entries.ndjson') expect(err).toContain(`${file}:${good.subarray(0, at).toString('latin1').split('\n').length}`);
    writeFileSync(join(copy, file), good);
  }
  expect((await rekey('evidence', 'verify', copy)).exit).toBe(0);
});

test('no secret is anywhere it does not belong', async () => {
  const left = join(ground.dir, 'left');
  mkdirSync(left);
  const held = await withStore(ground.home, async (store, escrowed) => {
    writeFileSync(join(left, 'tables.txt'), await tablesAsText(store));
    return escrowed();
  });
  const generated = held.filter(({ origin }) => origin === 'generated');
  expect(new Set(generated.map(({ secret }) => secret)).size).toBe(generated.length);
  expect(generated.length).toBeGreaterThanOrEqual(plan.totals.rotate);
  expect(held.filter(({ origin }) => origin === 'leaked').length).toBe(accounts.filter((each) => each.leaked).length);
  const all = new Map(held.map((each: Escrowed) => [each.secret, `${each.origin} ${each.version} of ${each.system}/${each.account}`]));
  for (const each of accounts) all.set(each.first, `first of ${each.system}/${each.name}`);
  all.set(ground.slapd.bindPassword, 'bind password').set(ground.lab.rekey.password, 'database login');
  const find = searchFor(join(ground.dir, 'patterns'), all);

  // The search itself works: each form planted once is found.
  const [planted = ''] = generated.map(({ secret }) => secret);
  const forms = [
    planted,
    encodeURIComponent(planted),
    Buffer.from(planted).toString('hex'),
    Buffer.from(`"x${planted}"`).toString('base64'),
  ];
  for (const form of forms) {
    writeFileSync(join(left, 'planted.txt'), `<${form}>`);
    expect(find([join(left, 'planted.txt')])).toHaveLength(1);
  }
  writeFileSync(join(left, 'planted.txt'), '');

  writeFileSync(
    join(left, 'cli.txt'),
    ground.product.transcript.map(({ argv: args, out, err }) => `${args.join(' ')}\n${out}\n${err}`).join('\n'),
  );
  writeFileSync(join(left, 'argv.txt'), argv.join('\n'));
  expect(argv.length).toBeGreaterThan(10);
  expect(ground.product.transcript.length).toBeGreaterThan(15);
  const { slapd, lab, home } = ground;
  const logs = [
    slapd.log,
    ...slapd.replicas.map((each) => each.log),
    lab.logFile,
    ...consumers.all.flatMap(({ live }) => (live === undefined ? [] : [live.log])),
  ];
  const places = [
    left,
    join(home, '.rekey'),
    join(home, 'evidence'),
    join(home, 'plan.json'),
    join(home, 'rekey.yaml'),
    join(home, 'consumers.csv'),
    ...logs,
  ];
  expect(statSync(slapd.log).size).toBeGreaterThan(10_000);
  expect(statSync(lab.logFile).size).toBeGreaterThan(10_000);
  marks['MiB searched'] = Math.round(
    Number(
      execFileSync('du', ['-cbs', ...places], { encoding: 'utf8' })
        .trim()
        .split('\n')
        .at(-1)
        ?.split('\t')[0],
    ) /
      2 ** 20,
  );
  expect(await timed('search', async () => find(places))).toEqual([]);
  // A core dump would hold them all.
  const cores = execFileSync('find', [ground.dir, '-name', 'core*', '-type', 'f', '-not', '-path', '*/product/*'], { encoding: 'utf8' });
  expect(cores).toBe('');
  // Where they do belong: every consumer's file holds the live one.
  for (const consumer of consumers.all) {
    const { system, target } = consumer.bearer;
    const name = target.kind === 'ldap' ? target.dn.split(/[=,]/)[1] : target.user;
    const live = held.find(
      (each) =>
        each.system === system &&
        each.account.replace(/^uid=([^,]*).*/, '$1') === name &&
        each.state === 'live' &&
        each.origin === 'generated',
    );
    expect(readCredential(consumers.present(consumer), consumer.format), consumer.id).toBe(live?.secret);
  }
  process.stdout.write(
    `estate: ${JSON.stringify({ ...size, items: items.length, cells: run.cells, exposure: run.exposure, secrets: all.size, seconds: marks })}\n`,
  );
});

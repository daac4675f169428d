// Against real servers: doctor tells one broken set-up from another, and a plan that is not what was approved for the estate as it is changes nothing.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, sleep } from '../../lab/process.ts';
import { serversCertificate } from '../../lab/slapd-tls.ts';
import type { PlanView, RunView } from '../../src/domain/view.ts';
import { withStore } from './estate/escrow-dump.ts';
import { estateYaml, type Ground, startGround } from './estate/ground.ts';
import { type Marks, marksOf } from './estate/outside.ts';
import type { Ran } from './estate/product.ts';

let ground: Ground;
let before: ReadonlyMap<string, Marks>;
let verifiers: unknown;

const rekey = (...args: string[]): Promise<Ran> => ground.product.run(ground.home, ...args);
const data = <T>(...args: string[]): Promise<T> => ground.product.json<T>(ground.home, 0, ...args);
const storedVerifiers = (): Promise<unknown> => ground.lab.sql('SELECT rolname, rolpassword FROM pg_authid ORDER BY 1');

beforeAll(async () => {
  ground = await startGround({ people: 30, services: 4, roles: 3, replicas: 0 });
  const { home, slapd } = ground;
  await rekey('init', '--name', 'acme');
  writeFileSync(join(home, 'rekey.yaml'), estateYaml(ground));
  await data('discover');
  before = await marksOf(slapd);
  verifiers = await storedVerifiers();
}, 120_000);
afterAll(() => ground?.stop());

async function approvedPlan(...more: string[]): Promise<PlanView> {
  const plan = await data<PlanView>('plan', '--where', 'all', '--reason', 'refusal', '--name', 'refusal', ...more);
  for (const name of ['alice', 'bob'] as const)
    expect((await rekey('approve', plan.id, '--as', name, '--key', ground.keys[name])).exit).toBe(0);
  return plan;
}
const apply = (plan: PlanView): Promise<Ran> => rekey('apply', plan.id, '--confirm', `refusal ${plan.totals.rotate}`, '--json');
const codeOf = (ran: Ran): unknown => (JSON.parse(ran.out) as { data: { code?: string } }).data.code;

async function nothingChanged(): Promise<void> {
  // doctor was given a wrong password of Rekey's own login: that one has a failure.
  const others = (marks: ReadonlyMap<string, Marks>) => [...marks].filter(([dn]) => before.has(dn) && dn !== ground.slapd.bindDn);
  expect(others(await marksOf(ground.slapd))).toEqual(others(before));
  expect(await storedVerifiers()).toEqual(verifiers);
  expect(await data('run', 'ls')).toEqual([]);
}

test('doctor names a wrong password, a missing right, an unknown CA and a server that is not there, each with its own next step', async () => {
  const { dir, slapd } = ground;
  const folder = join(dir, 'doctor');
  mkdirSync(join(folder, 'foreign'), { recursive: true });
  const foreign = serversCertificate(join(folder, 'foreign')).ca;
  await ground.product.run(folder, 'init', '--name', 'broken');
  const person = slapd.people.uid(1);
  for (const [file, secret] of [
    ['good', slapd.bindPassword],
    ['wrong', 'not-the-password-1aA'],
    ['person', slapd.initialPassword(person)],
  ] as const)
    writeFileSync(join(folder, file), secret, { mode: 0o600 });
  const system = (id: string, over: { url?: string; ca?: string; dn?: string; file?: string }): string => `  - id: ${id}
    connector: ldap
    config: { url: "${over.url ?? slapd.ldapsUrl}", ca: ${over.ca ?? slapd.ca}, base: "${slapd.base}", bind: { dn: "${over.dn ?? slapd.bindDn}", password: { file: ./${over.file ?? 'good'} } } }
`;
  writeFileSync(
    join(folder, 'rekey.yaml'),
    `apiVersion: rekey/v1\nestate: broken\nsystems:\n${[
      system('good', {}),
      system('wrong-password', { file: 'wrong' }),
      system('missing-right', { dn: slapd.people.dn(1), file: 'person' }),
      system('wrong-ca', { ca: foreign }),
      system('not-there', { url: `ldaps://127.0.0.1:${await freePort()}` }),
    ].join('')}`,
  );
  type Checks = { ok: boolean; checks: { system: string; id: string; verdict: string; message: string; next: string | null }[] };
  const { ok, checks } = await ground.product.json<Checks>(folder, 1, 'doctor');
  expect(ok).toBe(false);
  const failed = checks.filter(({ verdict }) => verdict === 'fail');
  expect(failed.map(({ system: of, id }) => [of, id])).toEqual([
    ['wrong-password', 'auth'],
    ['missing-right', 'rights'],
    ['wrong-ca', 'tls'],
    ['not-there', 'reach'],
  ]);
  expect(failed.map(({ message }) => message)).toEqual([
    expect.stringMatching(/refuses the password/),
    expect.stringMatching(/may not write userPassword/),
    expect.stringMatching(/not signed by a CA Rekey trusts/),
    expect.stringMatching(/cannot be reached \(ECONNREFUSED\)/),
  ]);
  expect(new Set(failed.map(({ next }) => next)).size).toBe(4);
  expect([...(await marksOf(slapd))].filter(([dn, { failures }]) => failures > 0 && dn !== slapd.bindDn)).toEqual([]);
}, 60_000);

test('a plan with too few approvals is refused with 5 and changes nothing', async () => {
  const plan = await data<PlanView>('plan', '--where', 'all', '--reason', 'refusal', '--name', 'refusal');
  const none = await apply(plan);
  expect([none.exit, codeOf(none)]).toEqual([5, 'approval-missing']);
  expect((await rekey('approve', plan.id, '--as', 'alice', '--key', ground.keys.alice)).exit).toBe(0);
  expect((await apply(plan)).exit).toBe(5);
  // The same person twice is one person; and nobody signs with another's key.
  await rekey('approve', plan.id, '--as', 'alice', '--key', ground.keys.alice);
  expect((await rekey('approve', plan.id, '--as', 'bob', '--key', ground.keys.alice)).exit).not.toBe(0);
  expect((await apply(plan)).exit).toBe(5);
  await nothingChanged();
}, 120_000);

test('a plan whose accounts changed owner since is refused with 9, names them, and changes nothing', async () => {
  const plan = await approvedPlan();
  writeFileSync(join(ground.home, 'owners.csv'), `system,account,owner\ncorp-ldap,${ground.slapd.people.uid(3)},somebody@else.test\n`);
  await data('import', 'owners', 'owners.csv');
  const ran = await apply(plan);
  expect([ran.exit, codeOf(ran)]).toEqual([9, 'plan-stale']);
  expect(ran.out).toContain(ground.slapd.people.uid(3));
  await nothingChanged();
}, 120_000);

test('a plan that a new account matches is refused with 9 and changes nothing', async () => {
  const plan = await approvedPlan();
  const { slapd } = ground;
  slapd.asRoot(
    `dn: uid=newcomer,ou=people,${slapd.base}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: newcomer\ncn: New\nsn: Comer\nuserPassword: newcomer-secret-1aA\n`,
  );
  await data('discover');
  const ran = await apply(plan);
  expect([ran.exit, codeOf(ran)]).toEqual([9, 'plan-stale']);
  expect(ran.out).toContain('newcomer');
  await nothingChanged();
}, 120_000);

test('an expired plan is refused with 9 and changes nothing', async () => {
  const plan = await approvedPlan('--expires', '0.005');
  await sleep(Math.max(0, Date.parse(plan.expiresAt) - Date.now()) + 200);
  const ran = await apply(plan);
  expect([ran.exit, codeOf(ran)]).toEqual([9, 'plan-stale']);
  await nothingChanged();
}, 120_000);

test.each([
  ['an item', `update plan_item set action = 'skip' where plan = $1 and seq = 1`],
  [
    'an item’s line',
    `update plan_item set line = replace(line, '"owner":"directory-team@example.test"', '"owner":"mallory@example.test"') where plan = $1`,
  ],
  ['the header', `update plan set header = replace(header, '"reason":"refusal"', '"reason":"Refusal"') where id = $1`],
  [
    'header and hash',
    `update plan set header = replace(header, '"reason":"refusal"', '"reason":"Refusal"'), hash = encode(sha256(convert_to(replace(header, '"reason":"refusal"', '"reason":"Refusal"'), 'UTF8')), 'hex') where id = $1`,
  ],
])(
  'a plan tampered with in the store (%s) is not applied and changes nothing',
  async (what, statement) => {
    const plan = await approvedPlan();
    await withStore(ground.home, async (store) => {
      const before = await store.query(`select md5(string_agg(p::text, '')) as sum from plan_item p where plan = $1`, [plan.id]);
      const header = await store.query('select header, hash from plan where id = $1', [plan.id]);
      await store.query(statement, [plan.id]);
      const after = await store.query(`select md5(string_agg(p::text, '')) as sum from plan_item p where plan = $1`, [plan.id]);
      expect([after, await store.query('select header, hash from plan where id = $1', [plan.id])]).not.toEqual([before, header]);
    });
    const ran = await apply(plan);
    // A new hash makes a new plan of it, which nobody has approved.
    expect([what, ran.exit]).toEqual([what, what === 'header and hash' ? 5 : 9]);
    await nothingChanged();
  },
  120_000,
);

test('the same plan made anew, approved and untouched runs: the refusals above were about the plans', async () => {
  const plan = await approvedPlan();
  const ran = await apply(plan);
  const run = (JSON.parse(ran.out) as { data: RunView }).data;
  expect([ran.exit, run.state, run.failures]).toEqual([0, 'complete', []]);
  const after = await marksOf(ground.slapd);
  const own = ground.slapd.bindDn;
  expect([...after].filter(([dn, { changed }]) => dn !== own && changed === before.get(dn)?.changed)).toEqual([]);
  expect(await storedVerifiers()).not.toEqual(verifiers);
  expect(readFileSync(join(ground.home, 'rekey.yaml'), 'utf8')).toBe(estateYaml(ground));
}, 120_000);

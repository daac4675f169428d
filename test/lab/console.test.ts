// The whole path at the console over real servers: a directory and a database, reset by people with passkeys, looked at from outside with the servers' own tools.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PlanView, RunView } from '../../src/domain/view.ts';
import { openBrowser } from '../e2e/browser.ts';
import { checkHere, prove, waitForRun } from '../e2e/evidence-steps.ts';
import {
  apply,
  approve,
  discover,
  firstAdministrator,
  giveRole,
  invite,
  joins,
  makePlan,
  type Person,
  pause,
  resume,
} from '../e2e/person.ts';
import { freePort, type Serving, serve } from '../e2e/serving.ts';
import { estateYaml, type Ground, startGround } from './estate/ground.ts';
import type { HealthTarget } from './estate/health.ts';
import { login } from './estate/outside.ts';

const people = 12;
const services = 6;
const roles = 4;

let ground: Ground;
let browser: Browser;
let server: Serving;
let ada: Person;
let ben: Person;
let cleo: Person;
let plan: PlanView;
let run: string;

beforeAll(async () => {
  [ground, browser] = await Promise.all([startGround({ people, services, roles, replicas: 1 }), openBrowser()]);
  const { home, product } = ground;
  expect((await product.run(home, 'init', '--name', 'acme')).exit).toBe(0);
  // Slow enough for somebody to press Pause: at its own pace this run is over before a page has opened.
  const slowly = estateYaml(ground).replace('  - id: corp-ldap\n', '  - id: corp-ldap\n    limits: { perSecond: 8 }\n');
  expect(slowly).toContain('perSecond');
  writeFileSync(join(home, 'rekey.yaml'), slowly);
  server = await serve(product, home, await freePort(), join(ground.dir, 'serve.log'));
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await ground?.stop();
});

const accounts = (): { name: string; target: HealthTarget; first: string }[] => [
  ...[ground.slapd.people, ground.slapd.services].flatMap((members) =>
    Array.from({ length: members.count }, (_, n) => {
      const uid = members.uid(n);
      const target: HealthTarget = { kind: 'ldap', url: ground.slapd.url, dn: members.dn(n) };
      return { name: `corp-ldap/${uid}`, target, first: ground.slapd.initialPassword(uid) };
    }),
  ),
  ...Array.from({ length: roles }, (_, n) => {
    const user = ground.role(n);
    const target: HealthTarget = { kind: 'postgres', host: ground.lab.host, port: ground.lab.port, user };
    return { name: `orders-db/${user}`, target, first: ground.lab.secrets[user] ?? '' };
  }),
];

test('three people come in: one who works, two who approve', async () => {
  ada = await firstAdministrator(browser, server.url, server.code ?? '', 'ada');
  await giveRole(ada, server.url, 'ada', 'operator');
  ben = await joins(browser, 'ben', await invite(ada, server.url, 'ben', ['approver']));
  cleo = await joins(browser, 'cleo', await invite(ada, server.url, 'cleo', ['approver']));
}, 240_000);

test('what leaked is known, and a plan of everything waits for two others', async () => {
  const { home, product } = ground;
  await discover(ada, server.url);
  const exposed = accounts().map(({ name, first }) => `${name.replace('/', ',')},${first}`);
  writeFileSync(join(home, 'exposed.csv'), `system,account,secret\n${exposed.join('\n')}\n`, { mode: 0o600 });
  // The command finds the server on its socket.
  expect(await product.json(home, 0, 'import', 'exposed', 'exposed.csv')).toMatchObject({ imported: exposed.length });
  const id = await makePlan(ada, server.url, { where: 'all', reason: 'dump of the directory found', name: 'evict' });
  plan = await product.json<PlanView>(home, 0, 'plan', 'show', id);
  expect(plan.approvals).toMatchObject({ needed: 2, given: [] });
  expect((await product.run(home, 'apply', id, '--confirm', `evict ${plan.totals.rotate}`)).exit).toBe(5);
  await approve(ben, server.url, id);
  expect((await product.run(home, 'apply', id, '--confirm', `evict ${plan.totals.rotate}`)).exit).toBe(5);
  await approve(cleo, server.url, id);
}, 240_000);

test('the run is paused, resumed, and completes: every cell proved', async () => {
  run = await apply(ada, server.url, plan.id, `evict ${plan.totals.rotate}`);
  await pause(ben, 'the directory team asks for a minute');
  await ada.page.goto(server.url);
  await resume(ada);
  await waitForRun(ada.page, server.url, run, /complete/, 300_000);
  const shown = await ground.product.json<RunView>(ground.home, 0, 'run', 'show', run);
  expect({ state: shown.state, failures: shown.failures, open: shown.cells.notProved }).toEqual({
    state: 'complete',
    failures: [],
    open: 0,
  });
  expect(shown.counts.complete).toBe(accounts().length + 2);
}, 420_000);

test('from outside, revealed secrets work and old ones are refused', async () => {
  for (const { name, target, first } of accounts().filter((_, n) => n % 4 === 0)) {
    const { secret } = await ground.product.json<{ secret: string }>(ground.home, 0, 'reveal', name, '--reveal');
    expect([name, await login(target, secret), await login(target, first)]).toEqual([name, 'in', 'refused']);
  }
}, 180_000);

test('the evidence names both who approved, and verifies in the browser and by command', async () => {
  await prove(ada.page);
  expect(await checkHere(ada.page)).toBe('holds');
  expect((await ground.product.run(ground.home, 'prove', run, '-o', 'evidence')).exit).toBe(0);
  const verified = await ground.product.json<{ ok: boolean; approvals: string[] }>(ground.home, 0, 'evidence', 'verify', 'evidence');
  expect(verified.approvals.map((each) => each.split(' ')[0]).sort()).toEqual(['ben', 'cleo']);
  expect([...ada.faults, ...ben.faults, ...cleo.faults]).toEqual([]);
}, 240_000);

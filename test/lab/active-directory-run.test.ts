// A run of the real engine over two real controllers: doubts settled, replication awaited, tickets left with their end, accounts held back while disabled.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LabSamba, startSamba } from '../../lab/samba.ts';
import { activeDirectory } from '../../src/connectors/active-directory/active-directory.ts';
import { KerberosHome } from '../../src/connectors/active-directory/kerberos.ts';
import type { Store } from '../../src/store/sql.ts';
import type { AnyConnector } from '../../src/wire/connections.ts';
import { type Campaign, type CampaignOptions, startCampaign } from '../harness/campaign.ts';
import { testStore } from '../harness/store.ts';
import { accountsOf, bindsAs, doneOf, old, openAd, refOf, resetBytes, tampered } from './active-directory-ground.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-ad-run-'));
let lab: LabSamba;
let store: Store;
let close: () => Promise<void>;
let serial = 0;

beforeAll(async () => {
  lab = await startSamba({ dir: join(folder, 'lab'), controllers: 2, other: true });
  ({ store, close } = await testStore());
  writeFileSync(join(folder, 'bind'), lab.rekey.password, { mode: 0o600 });
});
afterAll(async () => {
  await close?.();
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Row = { readonly name: string; readonly state: string; readonly version: number; readonly until: Date | null };

async function started(
  names: readonly string[],
  more: Partial<CampaignOptions> = {},
  config: Record<string, unknown> = {},
): Promise<Campaign> {
  const filter = `(|${names.map((name) => `(sAMAccountName=${name})`).join('')})`;
  const controllers = lab.controllers.map(({ url }) => url);
  const bind = { user: lab.rekey.user, password: { file: join(folder, 'bind') } };
  const system = { controllers, ca: lab.ca, bind, filter, tierZero: false, ...config };
  return startCampaign({
    store,
    systems: { [`ad-${serial++}`]: system },
    own: activeDirectory as unknown as AnyConnector, // as the registry holds it: its config type is its own
    leaked: Object.fromEntries(names.map((name) => [name, lab.firstPassword(name)])),
    settings: { patienceMs: 20_000 },
    ...more,
  });
}

const rowsOf = (run: string): Promise<Row[]> =>
  store.query<Row>(
    `select a.name, i.state, i.version, i.residual_until as until from item i join account a on a.key = i.account join run r on r.key = i.run where r.id = $1 order by a.name`,
    [run],
  );

const versionOf = async (name: string): Promise<unknown> => {
  const opened = await openAd(lab);
  const found = (await accountsOf(opened)).get(name);
  await opened[Symbol.asyncDispose]();
  return found?.facts.passwordVersion;
};

test('accounts are complete when every controller was proved, after replication was awaited', async () => {
  const names = [lab.names.service(0), lab.names.service(1), lab.names.lockable(0)];
  const campaign = await started(names);
  setTimeout(() => void lab.replicate(), 2_000);
  const view = await campaign.settle();
  expect(view).toMatchObject({ state: 'complete', counts: { complete: 3 }, cells: { proved: 6 } });
  for (const name of names) for (const n of [0, 1]) expect(await bindsAs(lab, name, lab.firstPassword(name), n)).toBe(false);
  await campaign.stop();
}, 60_000);

test('an answer lost between the two writes is settled by probes, and the final value goes in once', async () => {
  const name = lab.names.service(2);
  const proxy = await tampered(lab);
  let seen = 0;
  const lost = proxy.loseRequests((write) => write.includes(resetBytes) && ++seen === 2);
  const campaign = await started([name], {}, { controllers: [proxy.url] });
  expect(await campaign.settle()).toMatchObject({ state: 'complete', counts: { complete: 1 } });
  expect(lost.hits).toBe(1);
  expect(await versionOf(name)).toBe(3);
  expect(await bindsAs(lab, name, lab.firstPassword(name))).toBe(false);
  await campaign.stop();
  await proxy.stop();
  await lab.replicate();
}, 60_000);

async function loggedOn(name: string): Promise<KerberosHome> {
  const home = new KerberosHome({ realm: lab.realm, kdc: lab.controllers[0]?.ip as string, port: 88 }, 10_000);
  expect(await home.ticket(name, old(lab, name), 'tgt', ['-r', '7d'])).toMatchObject({ ok: true });
  return home;
}

test('who logged on before the reset stays residual until the last ticket has ended, to the minute', async () => {
  const name = lab.names.person(0);
  const home = await loggedOn(name);
  const at = Date.now();
  const campaign = await started([name], {}, { controllers: [lab.controllers[0]?.url] });
  await campaign.settle();
  const [row] = await rowsOf(campaign.run);
  expect(row?.state).toBe('residual');
  const week = (7 * 24 * 60 + 5) * 60_000;
  expect(Math.abs((row?.until?.getTime() ?? 0) - (at + week))).toBeLessThan(2 * 60_000);
  expect(await bindsAs(lab, name, lab.firstPassword(name))).toBe(false);
  await campaign.stop();
  home.remove();
}, 60_000);

test('contained, the account is disabled at once and its tickets buy nothing; what is left ends within one ticket life', async () => {
  const name = lab.names.person(1);
  const home = await loggedOn(name);
  const campaign = await started([name], { mode: 'contain' }, { controllers: [lab.controllers[0]?.url] });
  await campaign.settle();
  const [row] = await rowsOf(campaign.run);
  expect(row?.state).toBe('residual');
  expect((row?.until?.getTime() ?? 0) - Date.now()).toBeLessThan(607 * 60_000);
  expect((await home.serviceTicket('ldap/dc1.lab.test')).ok).toBe(false);
  const opened = await openAd(lab);
  const account = refOf(await accountsOf(opened), name);
  expect(doneOf(await opened.state.read(account, lab.controllers[0]?.url as string)).usable).toBe(false);
  await opened[Symbol.asyncDispose]();
  await campaign.stop();
  home.remove();
}, 60_000);

test('people who must change their password are complete: 773 to the new one is the positive control, and nobody asks them again', async () => {
  const name = lab.names.person(2);
  const config = { controllers: [lab.controllers[0]?.url], previousPassword: 'must-change', kerberos: { realm: lab.realm } };
  const campaign = await started([name], {}, config);
  expect(await campaign.settle()).toMatchObject({ state: 'complete', counts: { complete: 1 }, cells: { proved: 2 } });
  const [item] = await store.query<{ at: Date | null }>(
    'select i.reproof_at as at from item i join run r on r.key = i.run where r.id = $1',
    [campaign.run],
  );
  expect(item).toEqual({ at: null });
  await campaign.stop();
}, 60_000);

// Tier 0 of a real domain in a run: krbtgt turned until a ticket from before is refused, no reset twice whatever is lost, tasks by hand signed or refused.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LabSamba, startSamba } from '../../lab/samba.ts';
import { activeDirectory } from '../../src/connectors/active-directory/active-directory.ts';
import type { Domain } from '../../src/connectors/active-directory/domain.ts';
import { KerberosHome } from '../../src/connectors/active-directory/kerberos.ts';
import { presentOldTicket, readKrbtgt } from '../../src/connectors/active-directory/krbtgt.ts';
import { advance } from '../../src/execute/advance.ts';
import { signOff } from '../../src/execute/sign-off.ts';
import { signOffStore } from '../../src/store/sign-offs.ts';
import type { Store } from '../../src/store/sql.ts';
import type { AnyConnector } from '../../src/wire/connections.ts';
import { type Campaign, type CampaignOptions, startCampaign } from '../harness/campaign.ts';
import { testStore } from '../harness/store.ts';
import { adminDomain, doneOf, old, resetBytes, tampered } from './active-directory-ground.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-ad-t0-'));
const spn = 'ldap/dc1.lab.test';
let lab: LabSamba;
let store: Store;
let close: () => Promise<void>;
let domain: Domain;
let serial = 0;

beforeAll(async () => {
  lab = await startSamba({ dir: join(folder, 'lab') });
  ({ store, close } = await testStore());
  domain = adminDomain(lab);
  writeFileSync(join(folder, 'bind'), lab.admin.password, { mode: 0o600 });
});
afterAll(async () => {
  domain?.close();
  await close?.();
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function started(config: Record<string, unknown>, more: Partial<CampaignOptions> = {}): Promise<{ c: Campaign; system: string }> {
  const system = `ad-${serial++}`;
  const settings = {
    controllers: lab.controllers.map(({ url }) => url),
    ca: lab.ca,
    bind: { user: lab.admin.user, password: { file: join(folder, 'bind') } },
    filter: '(sAMAccountName=krbtgt)',
    tierZero: false,
    kerberos: { realm: lab.realm },
    tickets: { maxTicketMinutes: 1, maxRenewMinutes: 1, maxServiceMinutes: 1, maxSkewMinutes: 0 },
    ...config,
  };
  const c = await startCampaign({
    store,
    systems: { [system]: settings },
    own: activeDirectory as unknown as AnyConnector, // as the registry holds it: its config type is its own
    settings: { patienceMs: 20_000 },
    ...more,
  });
  return { c, system };
}

type Row = {
  readonly name: string;
  readonly state: string;
  readonly error: string | null;
  readonly until: Date | null;
  readonly why: string | null;
};
const rowsOf = (c: Campaign): Promise<Row[]> =>
  store.query<Row>(
    `select a.name, i.state, i.error, i.residual_until as until, i.residual_why as why from item i join account a on a.key = i.account join run r on r.key = i.run where r.id = $1 order by a.name`,
    [c.run],
  );
const keyVersion = async (): Promise<number> =>
  doneOf(await readKrbtgt(domain, domain.controllers[0] as Domain['controllers'][number])).keyVersion;

test('contained, krbtgt is reset three times in one go, and a ticket that was never in our hands is dead as well', async () => {
  const home = new KerberosHome({ realm: lab.realm, kdc: lab.controllers[0]?.ip as string, port: 88 }, 10_000);
  expect(await home.ticket(lab.names.person(0), old(lab, lab.names.person(0)), 'tgt', ['-r', '7d'])).toMatchObject({ ok: true });
  const before = await keyVersion();
  const { c } = await started({}, { mode: 'contain' });
  const view = await c.settle();
  expect(await rowsOf(c)).toMatchObject([{ name: 'krbtgt', state: 'complete', error: null }]);
  expect(view).toMatchObject({ state: 'complete', cells: { proved: 1, notProved: 0 } });
  expect(await keyVersion()).toBe(before + 3);
  expect((await presentOldTicket(home, spn)).verdict).toBe('dead');
  home.remove();
  await c.stop();
}, 120_000);

test('in continuity one reset goes out, and the next waits in the store for the life of a ticket', async () => {
  const before = await keyVersion();
  const { c } = await started({});
  expect(await c.settle()).toMatchObject({ state: 'residual' });
  const [row] = await rowsOf(c);
  expect(row?.why).toContain('reset 1 of at most 3 is on every replica');
  const left = (row?.until?.getTime() ?? 0) - Date.now();
  expect(left).toBeLessThanOrEqual(60_000);
  for (const run of await c.runs.reopenDue(new Date(Date.now() + 3_600_000))) await c.engine.sendAdvance(run);
  await c.settle();
  if (Date.now() < (row?.until?.getTime() ?? 0)) expect(await keyVersion()).toBe(before + 1);
  await c.stop();
}, 120_000);

test('a reset whose answer is lost counts once; one that never arrived is left to a person', async () => {
  const kdc = await forwarder(lab.controllers[0]?.ip as string, 88);
  const proxy = await tampered(lab);
  const through = { controllers: [proxy.url], kerberos: { realm: lab.realm, port: (kdc.address() as AddressInfo).port } };
  const before = await keyVersion();
  const swallowed = proxy.swallowReplies(resetBytes, { times: 1 });
  const first = await started(through);
  await first.c.settle();
  expect(await rowsOf(first.c)).toMatchObject([{ state: 'residual' }]);
  expect([swallowed.hits, await keyVersion()]).toEqual([1, before + 1]);
  await first.c.stop();
  const lost = proxy.loseRequests(resetBytes, { times: 5 });
  const second = await started(through);
  await second.c.settle();
  expect(await rowsOf(second.c)).toMatchObject([{ state: 'in-doubt', error: expect.stringContaining('not sent again by itself') }]);
  expect([lost.hits, await keyVersion()]).toEqual([1, before + 1]);
  await second.c.stop();
  await proxy.stop();
  kdc.close();
}, 180_000);

test('tasks by hand: a DSRM password is signed as unseen, a KDS root key only when the directory shows a new one', async () => {
  const { c, system } = await started({ filter: '(sAMAccountName=nobody-here)', tierZero: true });
  expect(await c.settle()).toMatchObject({ state: 'incomplete', counts: { 'by-hand': expect.any(Number) } });
  const rows = await rowsOf(c);
  const dsrm = rows.find((row) => row.name.startsWith('dsrm:'));
  expect(dsrm?.error).toMatch(/^waits for its owner's signature: on dc1\.lab\.test: ntdsutil "set dsrm password"/i);
  const sign = (name: string) =>
    signOff(
      {
        signOffs: signOffStore(store),
        openSystem: (id) => c.connections.open(id),
        approvals: { approvers: [], self: false },
        advance: (run) => advance({ runs: c.runs, sendLane: (lane) => c.engine.sendLane(lane), now: () => new Date() }, run),
        newId: () => `S-${serial++}`,
        now: () => new Date(),
      },
      { name: 'root', custodian: true },
      c.run,
      { account: `${system}/${name}`, by: 'o', reason: 'CHG-7' },
    );
  await sign(dsrm?.name ?? '');
  const [cell] = await store.query<{ code: string; verdict: string }>(
    `select c.code, c.verdict from cell c join item i on i.key = c.item join run r on r.key = i.run where r.id = $1`,
    [c.run],
  );
  expect(cell).toEqual({ verdict: 'signed', code: expect.stringContaining('which no directory shows') });
  const kds = rows.find((row) => row.name.startsWith('kds-root-key:'));
  if (kds !== undefined)
    await expect(sign(kds.name)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('shows no change') });
  await c.stop();
}, 120_000);

function forwarder(host: string, port: number): Promise<Server> {
  const server = createServer((near) => {
    const far = connect({ host, port });
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) socket.on('error', () => [near, far].forEach((each) => void each.destroy()));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Campaign, type CampaignOptions, plainEscrow, startCampaign } from '../../test/harness/campaign.ts';
import { testStore } from '../../test/harness/store.ts';
import { twinOracle } from '../connectors/twin/oracle.ts';
import { initialSecret } from '../connectors/twin/seeded.ts';
import type { United } from '../domain/united.ts';
import { peoplePage } from '../store/people-view.ts';
import type { Store } from '../store/sql.ts';
import type { SealedSecret } from './port.ts';

let store: Store;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ store, close } = await testStore());
});
afterAll(() => close());

const form: United = { length: 24, sets: { lower: 'abc', upper: 'ABC', digit: '012', symbol: '-' }, demanded: [] };
let serial = 0;

type Asked = {
  readonly app?: (names: readonly string[]) => object;
  readonly dir?: object;
  readonly left?: (system: string) => boolean;
};

/** Four people with an account in a directory, an application that follows it, and a store of tokens that makes its own values. */
function company({ app = () => ({}), dir = {}, left = () => false }: Asked = {}) {
  const n = serial++;
  const base = { seed: `shared-${n}`, accounts: { people: 4, services: 0, unowned: 0, shared: 0, disabled: 0, privileged: 0 } };
  const [directory, follower, tokens] = [`dir-${n}`, `app-${n}`, `tokens-${n}`];
  const names = [...twinOracle(`names-${n}`, base).accounts()].map(({ name }) => name);
  const systems = { [directory]: { ...base, ...dir }, [follower]: { ...base, ...app(names) }, [tokens]: { ...base, dual: true } };
  const takes = (system: string) => (system === tokens ? ('own' as const) : ('value' as const));
  const options: CampaignOptions = {
    store,
    systems,
    sync: [
      {
        name: 'office',
        systems: Object.keys(systems).map((system) => ({ system, takes: takes(system), policy: '' })),
        form,
        accounts: 8,
        order: '',
      },
    ],
    planned: (system, name) => ({
      person: name,
      wave: system === directory ? 1 : 2,
      ...(takes(system) === 'value' ? { sync: 'office' } : {}),
      ...(left(system) ? { left: true } : {}),
    }),
  };
  return { options, directory, follower, tokens, names };
}

/** The live value of each account: `system/name` → text. */
async function live(systems: readonly string[]): Promise<Map<string, string>> {
  const rows = await store.query<Omit<SealedSecret, 'dataKey'> & { at: string; account: string }>(
    `select a.system || '/' || a.name as at, a.key::text as account, s.origin, s.version, s.state, s.sealed
       from account a join secret s on s.account = a.key where a.system = any($1::text[]) and s.state = 'live' and s.origin = 'generated'`,
    [systems],
  );
  const opened = await Promise.all(
    rows.map(async (r) => [r.at, (await plainEscrow.open(r.account, { ...r, dataKey: '1' })).text((t) => t)] as const),
  );
  return new Map(opened);
}

const people = async (c: Campaign) => (await peoplePage(store, c.run, { limit: 100 })).items;
describe('one value for a person', () => {
  it('is on every system of the group after one write each, differs between people, and each person is done once all their accounts are', async () => {
    const { options, directory, follower, tokens, names } = company();
    const leaked = Object.fromEntries(
      [...twinOracle(directory, options.systems[directory]).accounts()].map(({ id, name }) => [
        name,
        initialSecret(`shared-${serial - 1}`, directory, id),
      ]),
    );
    const c = await startCampaign({ ...options, leaked });
    await c.settle();
    const values = await live([directory, follower, tokens]);
    for (const name of names) {
      expect(values.get(`${follower}/${name}`)).toBe(values.get(`${directory}/${name}`));
      expect(values.get(`${tokens}/${name}`)).not.toBe(values.get(`${directory}/${name}`));
    }
    expect(new Set(names.map((name) => values.get(`${directory}/${name}`))).size).toBe(names.length);
    for (const system of [directory, follower]) {
      const oracle = twinOracle(system, options.systems[system]);
      for (const { id, name } of oracle.accounts()) {
        expect(oracle.accepts(id, values.get(`${system}/${name}`) ?? '')).toBe(true);
        expect(oracle.writes(id)).toBe(1);
      }
    }
    for (const person of await people(c)) {
      expect(person.sync).toEqual([{ group: 'office', step: 'in-step', behind: [] }]);
      expect(person.accounts.map(({ system }) => system)).toEqual([directory, follower, tokens]);
      expect(person).toMatchObject({ verdict: 'done', done: true, cells: { proved: 3, notProved: 0 } });
    }
    await c.stop();
  });

  it('is arrived at by another worker after a kill between the lanes', async () => {
    const { options, directory, follower, names } = company({ app: () => ({ latencyMs: { set: 60 } }) });
    const c = await startCampaign(options);
    const applied = async (system: string): Promise<number> =>
      (
        await store.query('select 1 from item i join account a on a.key = i.account where a.system = $1 and i.applied_at is not null', [
          system,
        ])
      ).length;
    while ((await applied(directory)) < names.length) await new Promise((resolve) => setTimeout(resolve, 5));
    await c.engine.stop();
    expect(await applied(follower)).toBeLessThan(names.length);
    await c.takeOver();
    await c.settle();
    const values = await live([directory, follower]);
    for (const name of names) expect(values.get(`${follower}/${name}`)).toBe(values.get(`${directory}/${name}`));
    for (const person of await people(c)) expect(person.sync[0]?.step).toBe('in-step');
    await c.stop();
  });

  it('refused by one system leaves the person failed and not in step, and a retry of that system alone brings it there', async () => {
    const refuses = (name = '') => ({ faults: [{ op: 'set', kind: 'refuse-policy', accounts: name, until: 1 }] });
    const { options, directory, follower, names } = company({ app: ([, second]) => refuses(second) });
    const target = names[1];
    const c = await startCampaign(options);
    await c.settle();
    const at = async () => (await people(c)).find(({ person }) => person === target);
    expect(await at()).toMatchObject({
      verdict: 'failed',
      done: false,
      sync: [{ group: 'office', step: 'not-in-step', behind: [`${follower}/${target}`] }],
    });
    expect((await at())?.accounts.find(({ system }) => system === follower)?.error).toMatch(/policy refused the shared value/);
    for (const other of (await people(c)).filter(({ person }) => person !== target)) expect(other.sync[0]?.step).toBe('in-step');
    expect(await c.retry(['failed'])).toBe(1);
    await c.settle();
    const values = await live([directory, follower]);
    expect(values.get(`${follower}/${target}`)).toBe(values.get(`${directory}/${target}`));
    expect((await at())?.sync).toEqual([{ group: 'office', step: 'in-step', behind: [] }]);
    // The value made again is the one that was sealed before: proof would take a second row for an old value that still works.
    const rows = await store.query(
      `select 1 from secret s join account a on a.key = s.account where a.system = $1 and a.name = $2 and s.origin = 'generated'`,
      [follower, target],
    );
    expect(rows).toHaveLength(1);
    await c.stop();
  });

  it('refused everywhere is made anew by a retry of all of the person’s accounts, and is again one value', async () => {
    const faults = [{ op: 'set', kind: 'refuse-policy', until: 4 }];
    const { options, directory, follower, names } = company({ app: () => ({ faults }), dir: { faults } });
    const c = await startCampaign(options);
    await c.settle();
    for (const person of await people(c)) expect(person).toMatchObject({ verdict: 'failed', sync: [{ step: 'not-begun' }] });
    expect(await c.retry(['failed'])).toBe(8);
    await c.settle();
    const values = await live([directory, follower]);
    for (const name of names) {
      expect(values.get(`${directory}/${name}`)).toMatch(/-1$/);
      expect(values.get(`${follower}/${name}`)).toBe(values.get(`${directory}/${name}`));
    }
    await c.stop();
  });

  it('does not hide an account that the plan left out: it is named, and the person is not in step', async () => {
    const { options, follower, names } = company({ left: (system) => system.startsWith('app-') });
    const c = await startCampaign(options);
    await c.settle();
    const all = await people(c);
    expect(all.map(({ person }) => person)).toEqual([...names].sort());
    for (const person of all)
      expect(person).toMatchObject({
        leftOut: [{ system: follower, account: person.person, why: 'not in this run' }],
        sync: [{ step: 'not-in-step', behind: [`${follower}/${person.person}`] }],
      });
    const pages = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page: Awaited<ReturnType<typeof peoplePage>> = await peoplePage(store, c.run, { limit: 3, cursor });
      pages.push(...page.items.map(({ person }) => person));
      cursor = page.cursor;
    }
    expect(pages).toEqual(all.map(({ person }) => person));
    expect((await peoplePage(store, c.run, { limit: 5, person: names[0]!.toUpperCase() })).items).toHaveLength(1);
    await c.stop();
  });
});

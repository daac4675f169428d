// Targets that hold two live values: consumers move in between, the old value is retired before anything is proved, and no minted value is ever lost.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Campaign, type CampaignOptions, plainEscrow, startCampaign } from '../../test/harness/campaign.ts';
import { mintConnector, overlapConnector, SlotTarget } from '../../test/harness/several-slots.ts';
import { testStore } from '../../test/harness/store.ts';
import type { Store } from '../store/sql.ts';
import type { SealedSecret } from './port.ts';
import { retryRun } from './steer-run.ts';

let store: Store;
let close: () => Promise<void>;
let folder: string;
beforeAll(async () => {
  ({ store, close } = await testStore());
  folder = mkdtempSync(join(tmpdir(), 'rekey-slots-'));
});
afterAll(async () => {
  await close();
  rmSync(folder, { recursive: true, force: true });
});

let serial = 0;
type Over = Partial<CampaignOptions>;
type Made = { readonly campaign: Campaign; readonly target: SlotTarget; readonly account: string };

async function begin(
  make: (target: SlotTarget) => NonNullable<CampaignOptions['own']>,
  over: (account: string) => Over = () => ({}),
  prepare: (target: SlotTarget) => void = () => {},
): Promise<Made> {
  const target = new SlotTarget();
  const account = `app-${serial++}`;
  target.put(account, `old-of-${account}`);
  prepare(target);
  const campaign = await startCampaign({
    store,
    own: make(target),
    systems: { [`slots-${serial}`]: {} },
    leaked: { [account]: `old-of-${account}` },
    folder,
    ...over(account),
  });
  return { campaign, target, account };
}

async function escrowed(account: string): Promise<{ value: string; slot: string | null; state: string }[]> {
  const rows = await store.query<{
    account: string;
    origin: SealedSecret['origin'];
    version: number;
    state: SealedSecret['state'];
    sealed: Buffer;
    slot: string | null;
  }>(
    `select a.key::text as account, s.origin, s.version, s.state, s.sealed, s.slot from account a join secret s on s.account = a.key where a.name = $1 and s.origin = 'generated' order by s.version`,
    [account],
  );
  return Promise.all(
    rows.map(async (r) => ({
      value: (
        await plainEscrow.open(r.account, { origin: r.origin, version: r.version, state: r.state, dataKey: '1', sealed: r.sealed })
      ).text((t) => t),
      slot: r.slot,
      state: r.state,
    })),
  );
}

const consumerOf = (account: string, health: string): Over => {
  const file = join(folder, `${account}.env`);
  writeFileSync(file, `PASSWORD=old-of-${account}\n`);
  return { consumers: [{ account, id: 'shop', ref: `${file}#PASSWORD`, health }] };
};

describe('an overlap', () => {
  it('is opened, closed and proved: one value is left, and it is the one in the escrow', async () => {
    const { campaign, target, account } = await begin(overlapConnector);
    expect(await campaign.settle()).toMatchObject({ state: 'complete', cells: { proved: 1, notProved: 0 } });
    expect(target.calls).toEqual(['open', 'close']);
    expect(target.values(account)).toEqual((await escrowed(account)).map((s) => s.value));
    await campaign.stop();
  });

  it('leaves no time with two values in containment: the old one is replaced at once', async () => {
    const { campaign, target, account } = await begin(overlapConnector, () => ({ mode: 'contain' }));
    expect(await campaign.settle()).toMatchObject({ state: 'complete' });
    expect(target.calls).toEqual(['set']);
    expect(target.values(account)).toHaveLength(1);
    await campaign.stop();
  });

  it('stays open while a consumer has not moved, and the item says so', async () => {
    const { campaign, target, account } = await begin(overlapConnector, (a) => ({
      ...consumerOf(a, 'exec:false'),
      settings: { adoptionMs: 300 },
    }));
    expect(await campaign.settle()).toMatchObject({ state: 'incomplete' });
    expect(target.calls).toEqual(['open']);
    expect(target.values(account)).toContain(`old-of-${account}`);
    const [row] = await store.query<{ error: string }>(`select i.error from item i join account a on a.key = i.account where a.name = $1`, [
      account,
    ]);
    expect(row?.error).toBe('the old credential stays accepted until its consumers have moved: not seen on the new value: shop');
    await campaign.stop();
  });

  it('is closed once the consumer is seen on the new value, which its file holds before', async () => {
    const { campaign, target, account } = await begin(overlapConnector, (a) => consumerOf(a, 'exec:true'));
    expect(await campaign.settle()).toMatchObject({ state: 'complete', consumers: { adopted: 1 } });
    const [live] = await escrowed(account);
    expect(readFileSync(join(folder, `${account}.env`), 'utf8')).toBe(`PASSWORD=${live?.value}\n`);
    expect(target.values(account)).toEqual([live?.value]);
    await campaign.stop();
  });

  it.each(['lose', 'fail'] as const)('whose opening answer is lost (%s) is settled by probing, with one value at the end', async (fate) => {
    const { campaign, target, account } = await begin(overlapConnector, undefined, (t) => {
      t.next = fate;
    });
    expect(await campaign.settle()).toMatchObject({ state: 'complete' });
    expect(target.calls).toEqual(fate === 'lose' ? ['open', 'close'] : ['open', 'open', 'close']);
    expect(target.values(account)).toEqual((await escrowed(account)).map((s) => s.value));
    await campaign.stop();
  });
});

describe('a value that came back after it was retired', () => {
  it.each([
    ['an overlap is opened and closed', overlapConnector, ['open', 'close', 'open', 'close']],
    [
      'a value is made and every slot before it retired, also those that are gone',
      mintConnector,
      ['issue', 'retire', 'issue', 'retire', 'retire', 'retire'],
    ],
  ] as const)('is retired anew by a retry: %s again', async (_what, make, calls) => {
    const { campaign, target, account } = await begin(make);
    expect(await campaign.settle()).toMatchObject({ state: 'complete' });
    target.replace(account, [...target.slots(account), { slot: 'restored', value: `old-of-${account}` }]);
    expect(await campaign.runs.reopenDue(new Date(Date.now() + 3_700_000))).toContain(campaign.run);
    await campaign.engine.sendAdvance(campaign.run);
    expect(await campaign.settle()).toMatchObject({ state: 'incomplete', counts: { failed: 1 } });
    const steer = { runs: campaign.runs, sendAdvance: (run: string) => campaign.engine.sendAdvance(run), now: () => new Date() };
    expect(await retryRun(steer, { name: 'lead', custodian: true }, campaign.run, ['failed'])).toBe(1);
    expect(await campaign.settle()).toMatchObject({ state: 'complete' });
    expect(target.calls).toEqual(calls);
    expect(target.values(account)).toEqual([(await escrowed(account)).at(-1)?.value]);
    await campaign.stop();
  });
});

describe('a target that makes its values', () => {
  it('is asked once, what it made is in the escrow under its slot, and every earlier slot is retired', async () => {
    const { campaign, target, account } = await begin(mintConnector);
    expect(await campaign.settle()).toMatchObject({ state: 'complete', cells: { proved: 1, notProved: 0 } });
    expect(target.calls).toEqual(['issue', 'retire']);
    const [live] = await escrowed(account);
    expect(target.slots(account)).toMatchObject([{ slot: live?.slot, value: live?.value }]);
    await campaign.stop();
  });

  it('whose answer is lost is asked for its slots: the orphan nobody holds is retired before another is issued', async () => {
    const { campaign, target, account } = await begin(mintConnector, undefined, (t) => {
      t.next = 'lose';
    });
    expect(await campaign.settle()).toMatchObject({ state: 'complete' });
    expect(target.calls).toEqual(['issue', 'retire', 'issue', 'retire']);
    expect(target.values(account)).toEqual((await escrowed(account)).map((s) => s.value));
    await campaign.stop();
  });

  it('that never heard of the request is asked again, and nothing is retired for it', async () => {
    const { campaign, target } = await begin(mintConnector, undefined, (t) => {
      t.next = 'fail';
    });
    expect(await campaign.settle()).toMatchObject({ state: 'complete' });
    expect(target.calls).toEqual(['issue', 'issue', 'retire']);
    await campaign.stop();
  });

  it('and holds a slot issued by someone else meanwhile is not proved, and names it', async () => {
    const { campaign, account } = await begin((target) => {
      const good = mintConnector(target);
      return {
        ...good,
        open: async () => {
          const connection = await good.open({}, undefined as never);
          return {
            ...connection,
            dualSecret: {
              ...connection.dualSecret,
              issue: async (...call: Parameters<typeof connection.dualSecret.issue>) => {
                const issued = await connection.dualSecret.issue(...call);
                target.replace(call[0].id, [...target.slots(call[0].id), { slot: 'attacker', value: 'theirs' }]);
                return issued;
              },
            },
          };
        },
      };
    });
    expect(await campaign.settle()).toMatchObject({ state: 'incomplete', cells: { proved: 1, notProved: 1 } });
    const [row] = await store.query<{ code: string }>(
      `select c.code from cell c join item i on i.key = c.item join account a on a.key = i.account where a.name = $1 and c.path = 'slots'`,
      [account],
    );
    expect(row?.code).toBe('issued by someone else and still live: attacker');
    await campaign.stop();
  });
});

// The reference: the same rows written by the same statements in full batches, with no state machine, no sealing and no probing around them.
import { entryLine } from '../../src/domain/entry.ts';
import type { ItemState } from '../../src/domain/item.ts';
import type { Claim, Transition } from '../../src/execute/port.ts';
import { writeTransitions } from '../../src/store/commit-transitions.ts';
import type { Store } from '../../src/store/sql.ts';
import type { Seeded } from './campaign.ts';

const steps: readonly (readonly [ItemState, ItemState])[] = [
  ['planned', 'sealed'],
  ['sealed', 'sent'],
  ['sent', 'applied'],
  ['applied', 'propagated'],
  ['propagated', 'revoked'],
  ['revoked', 'proved'],
  ['proved', 'complete'],
];
const batchSize = 500;
const sealed = Buffer.alloc(62, 7);

export async function bareLoop(store: Store, seeded: Seeded): Promise<void> {
  const claim: Claim = {
    lane: seeded.lane,
    epoch: 0,
    run: seeded.run,
    runKey: seeded.runKey,
    log: seeded.log,
    wave: 1,
    system: 'bench',
    mode: 'continuity',
    rollback: false,
    dataKey: seeded.dataKey,
  };
  const rows = await store.query<{ key: string; account: string }>(
    `select key::text as key, account::text as account from item where lane = $1::int8 order by key`,
    [seeded.lane],
  );
  const batches: (typeof rows)[] = [];
  for (let i = 0; i < rows.length; i += batchSize) batches.push(rows.slice(i, i + batchSize));
  let next = 0;
  const loop = async (): Promise<void> => {
    for (let batch = batches[next++]; batch !== undefined; batch = batches[next++])
      for (const [from, to] of steps)
        await writeTransitions(
          store,
          batch.map((row) => transition(claim, row, from, to)),
        );
  };
  await Promise.all(Array.from({ length: store.flushes }, loop));
}

/** Entry lines and cells as the product writes them for an item of this bench. */
function transition(claim: Claim, row: { key: string; account: string }, from: ItemState, to: ItemState): Transition {
  const at = new Date();
  const item = `bench/id-${row.key}`;
  const base = {
    claim,
    item: row.key,
    account: row.account,
    from,
    to,
    open: to !== 'complete',
    lines: [entryLine('item', at, { item, account: 'svc', from, to, version: 1 })],
  };
  if (to === 'sealed') return { ...base, version: 1, seal: { version: 1, sealed } };
  if (to === 'applied')
    return {
      ...base,
      appliedAt: at,
      current: { version: 1, at },
      secrets: [
        { origin: 'leaked', version: 1, state: 'previous' },
        { origin: 'generated', version: 1, state: 'live' },
      ],
    };
  if (to !== 'proved') return base;
  const probes = (['new', 'nonsense', 'old', 'new'] as const).map((secret) =>
    entryLine('probe', at, { item, account: 'svc', path: 'login', replica: 'only', secret, verdict: 'accepted', code: '0' }),
  );
  return {
    ...base,
    lines: [...probes, ...base.lines],
    cells: [{ path: 'login', replica: 'only', verdict: 'proved', level: 'probed', code: '49', at }],
    secrets: [{ origin: 'leaked', version: 1, state: 'disproved' }],
  };
}

import { expect, test } from 'vitest';
import type { ItemState } from '../domain/item.ts';
import { ItemScan } from './item-scan.ts';
import type { ItemRow } from './port.ts';

const row = (person: string | null, state: ItemState): ItemRow => ({
  ...{
    system: 's',
    account: 'a',
    id: 'a',
    credential: 'password',
    wave: 1,
    version: 1,
    owner: null,
    cells: [],
    consumers: [],
    residual: null,
  },
  ...{ error: null, tier: 2, kind: 'human', canary: false, sync: null, person, state },
});

test('a person counts once, as the worst of their accounts; what the plan left out does not make anybody done', () => {
  const scan = new ItemScan();
  const rows: readonly (readonly [string | null, ItemState])[] = [
    ['alice', 'complete'],
    ['alice', 'in-doubt'],
    ['bob', 'complete'],
    ['bob', 'excluded'],
    ['carol', 'excluded'],
    [null, 'failed'],
  ];
  for (const [person, state] of rows) scan.take(row(person, state), undefined);
  expect(scan.people()).toEqual({ count: 3, verdicts: { 'in-doubt': 1, done: 1, 'left-out': 1 } });
});

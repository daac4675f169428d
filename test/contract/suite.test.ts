// The contract suite tested by itself: every row passes on a good connector and fails on one that breaks it.
import { describe, expect, test } from 'vitest';
import { fixture as file } from '../../src/connectors/file/contract.ts';
import { fixture as twin } from '../../src/connectors/twin/contract.ts';
import type { ContractFixture } from '../../src/kit/contract.ts';
import { overlapConnection, overlapConnector, SlotTarget } from '../harness/several-slots.ts';
import { rows, runRow } from './connector.ts';
import { mutants } from './mutants.ts';
import { offlineRows } from './rows/declaration.ts';

const overlapping: ContractFixture = {
  connector: overlapConnector(new SlotTarget()),
  badConfig: { config: { size: 'many' }, field: 'size' },
  situations: {
    async plain() {
      const target = new SlotTarget();
      target.put('a1', 'the-old-value-0');
      const account = { system: 'memory', id: 'a1', name: 'a1' };
      return {
        connection: overlapConnection(target),
        account,
        old: 'the-old-value-0',
        accepts: (text) => target.values('a1').includes(text),
      };
    },
  },
};

const fixtureFor = (row: (typeof rows)[number]): ContractFixture | undefined =>
  [twin, file, overlapping].find(
    ({ connector, situations }) =>
      situations[row.situation] !== undefined && row.requires.every((name) => connector.supports[name] === true),
  );

test('every row has a connector to pass on and a mutant to fail on, and no mutant is left over', () => {
  const names = rows.map((row) => row.name);
  expect(new Set(names).size).toBe(names.length);
  expect(rows.filter((row) => fixtureFor(row) === undefined)).toEqual([]);
  expect(Object.keys(mutants).sort()).toEqual([...names].sort());
});

describe('a broken connector fails the row', () => {
  for (const row of rows) {
    test(row.name, async () => {
      const fixture = fixtureFor(row);
      const mutant = mutants[row.name];
      if (fixture === undefined || mutant === undefined) throw new Error('checked above');
      await expect(runRow(fixture, row, {}, mutant)).rejects.toThrow();
      await runRow(fixture, row);
    });
  }
});

const brokenDeclarations: Readonly<Record<string, ContractFixture>> = {
  'supports answers every capability offline, with a reason where it is not true': {
    ...twin,
    connector: { ...twin.connector, supports: { ...twin.connector.supports, probe: { cannot: ' ' } } },
  },
  'the declaration is fit to plan with: kebab id, a pace, rights only for what it can do': {
    ...twin,
    connector: { ...twin.connector, permissions: { storeConsumer: ['write'] } },
  },
  'a config error names the field': {
    ...twin,
    connector: {
      ...twin.connector,
      config: {
        parse: () => {
          throw new Error('invalid input');
        },
      },
    },
  },
};

describe('a broken declaration fails the row', () => {
  test.each(offlineRows)('$name', async (row) => {
    const broken = brokenDeclarations[row.name];
    if (broken === undefined) throw new Error('this row has no broken declaration');
    await expect((async () => row.run(broken))()).rejects.toThrow();
    await row.run(twin);
  });
});

test('a row whose situation the fixture lacks is reported as skipped, not as passed', async () => {
  const { contractRows } = await import('./connector.ts');
  const bare: ContractFixture = { ...twin, situations: { plain: twin.situations.plain } };
  const skipped = contractRows(bare).filter((row) => row.skipped !== undefined);
  expect(skipped.map((row) => row.name)).toContain('a throttled write is refused and says how long to wait');
});

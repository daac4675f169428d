// The contract suite on an API described in the estate file: one whose passwords are set, and one whose keys are minted.
import { describe, test } from 'vitest';
import { fixture, mintFixture } from '../../src/connectors/http/contract.ts';
import { contractRows } from '../contract/connector.ts';

for (const [name, each] of [
  ['http, passwords set', fixture],
  ['http, keys minted', mintFixture],
] as const)
  describe(name, () => {
    for (const row of contractRows(each, { timeoutMs: 1000 }))
      test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
  });

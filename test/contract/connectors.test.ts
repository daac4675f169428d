// The contract, run over every connector whose folder has a contract.ts.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type ContractFixture, contractRows } from './connector.ts';

const folder = fileURLToPath(new URL('../../src/connectors', import.meta.url));
const ids = readdirSync(folder).filter((id) => existsSync(join(folder, id, 'contract.ts')));

test('the suite finds the connectors that need no server', () => {
  expect(ids).toEqual(expect.arrayContaining(['file', 'twin']));
});

for (const id of ids) {
  const { fixture } = (await import(join(folder, id, 'contract.ts'))) as { fixture: ContractFixture };
  describe(id, () => {
    for (const row of contractRows(fixture))
      test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
  });
}

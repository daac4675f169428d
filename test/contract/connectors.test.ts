// The contract: the declaration of every registered connector, and all rows of those whose folder has a contract.ts.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { registry } from '../../src/connectors/registry.gen.ts';
import type { Connector } from '../../src/kit/kit.ts';
import { type ContractFixture, contractRows } from './connector.ts';
import { offlineRows } from './rows/declaration.ts';

const folder = fileURLToPath(new URL('../../src/connectors', import.meta.url));
const ids = readdirSync(folder).filter((id) => existsSync(join(folder, id, 'contract.ts')));

test('the suite finds the connectors that need no server', () => {
  expect(ids).toEqual(expect.arrayContaining(['file', 'twin']));
});

/** Where the block has several forms, one of them: before it is told, no parser can know which fields there are. */
const variants: Readonly<Record<string, object>> = { 'http-login': { kind: 'basic' } };

const bare = Object.entries(registry).filter(([id]) => !ids.includes(id));
for (const [id, load] of bare) {
  const connector: Connector = await load();
  describe(`${id} (declaration only: its rows run on real servers)`, () => {
    const badConfig = { config: { ...variants[id], 'no-such-field': 1 }, field: 'no-such-field' };
    for (const row of offlineRows) test(row.name, () => row.run({ connector, badConfig }));
  });
}

for (const id of ids) {
  const { fixture } = (await import(join(folder, id, 'contract.ts'))) as { fixture: ContractFixture };
  describe(id, () => {
    for (const row of contractRows(fixture))
      test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
  });
}

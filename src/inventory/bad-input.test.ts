import { createReadStream, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleInventory, sampleSeal } from '../../test/harness/inventory.ts';
import { refusal } from '../../test/harness/refusal.ts';
import { testStore } from '../../test/harness/store.ts';
import type { Store } from '../store/sql.ts';
import { importConsumers } from './import-consumers.ts';
import { importExposed } from './import-exposed.ts';
import { importOwners } from './import-owners.ts';
import type { Inventory } from './port.ts';

const folder = fileURLToPath(new URL('../../test/cli/bad-input/', import.meta.url));
const kinds = ['owners', 'consumers', 'exposed'] as const;
let store: Store;
let close: () => Promise<void>;
let inventory: Inventory;
beforeAll(async () => {
  ({ store, close } = await testStore());
  inventory = await sampleInventory(store);
});
afterAll(() => close());

/** file → every finding: line:column, what it says, what it tells to do. */
const table: Readonly<Record<string, readonly (readonly [place: string, says: string, remedy: string])[]>> = {
  'owners/ambiguous-account': [['2:11', '"corp-ldap/uid=twin" names 2 accounts', 'give its id or its full name']],
  'owners/bad-kind': [['2:18', '"humann" is no kind of account', 'did you mean "human"?']],
  'owners/bad-tier': [['2:43', '"high" is no tier', 'use 0 (control plane)']],
  'owners/carriage-returns': [['1:1', 'lines end in CR alone', 'LF or CRLF']],
  'owners/column-twice': [['1:22', 'column owner stands here for the second time', 'remove one']],
  'owners/contradiction': [['3:1', 'contradicts line 2 about the same account and owner', 'keep the row that is right']],
  'owners/empty': [['1:1', 'the file is empty', 'the first row names the columns']],
  'owners/empty-account': [['2:11', 'account is empty', 'give the account']],
  'owners/latin-1': [['2:24', 'owner holds bytes that are not UTF-8', 'save the file as UTF-8']],
  'owners/line-break-in-cell': [['2:24', 'owner holds a line break', 'a quote is missing']],
  'owners/long-cell': [['2:24', 'owner is longer than 4096 characters', 'missing quote']],
  'owners/misspelt-column': [
    ['1:8', 'unknown column "acount"', 'did you mean "account"?'],
    ['1:1', 'there is no column account', 'the first row names the columns'],
  ],
  'owners/no-header': [['1:1', 'the first row is no header', 'the first row names the columns']],
  'owners/nul-byte': [['2:24', 'owner holds a NUL character', 'plain text']],
  'owners/quote-inside-cell': [['2:28', 'a quote stands inside a cell', 'quote the whole cell']],
  'owners/quote-never-closed': [
    ['2:24', 'a quote is opened here and never closed', 'close it'],
    ['3:41', '"7" is no tier', 'use 0 (control plane)'],
  ],
  'owners/row-twice': [['4:1', 'the row repeats line 2', 'remove one']],
  'owners/semicolons': [['1:1', 'cells are separated by ";"', 'commas']],
  'owners/store-is-no-system': [['2:1', 'there is no system "vault" with accounts', 'known here: corp-ldap, hr-db']],
  'owners/too-few-cells': [['2:1', 'the row has 4 cells, the header 8', 'keep their commas']],
  'owners/too-many-cells': [['2:49', 'the row has 9 cells, the header 8', 'quote a cell that holds a comma']],
  'owners/two-errors-in-one-row': [
    ['2:18', '"humann" is no kind of account', 'did you mean "human"?'],
    ['2:44', '"9" is no tier', 'use 0 (control plane)'],
  ],
  'owners/unknown-account': [['2:11', 'there is no account "corp-ldap/uid=alise"', 'did you mean "uid=alice"?']],
  'owners/unknown-system': [['2:1', 'there is no system "corp-ldpa" with accounts', 'did you mean "corp-ldap"?']],
  'consumers/contradiction': [['3:1', 'contradicts line 2 about the same account and consumer', 'keep the row that is right']],
  'consumers/empty-ref': [['2:29', 'ref is empty', 'give the ref']],
  'consumers/missing-columns': [
    ['1:1', 'there is no column store', 'the first row names the columns'],
    ['1:1', 'there is no column ref', 'the first row names the columns'],
  ],
  'consumers/system-is-no-store': [['2:24', 'there is no store "hr-db"', 'known here: file, vault']],
  'consumers/unknown-store': [['2:24', 'there is no store "valt"', 'did you mean "vault"?']],
  'exposed/misspelt-secret-column': [['1:16', 'unknown column', 'did you mean "secret"?']],
  'exposed/no-header': [['1:1', 'the first row is no header', 'the first row names the columns']],
  'exposed/nul-byte': [['2:17', 'secret holds a NUL character', 'plain text']],
  'exposed/quote-after-secret': [['2:26', 'something follows the closing quote', 'double every quote']],
  'exposed/too-many-cells': [['2:25', 'the row has 4 cells, the header 3', 'quote a cell that holds a comma']],
  'exposed/unknown-account': [['2:11', 'there is no account "corp-ldap/nobody"', 'run `rekey discover --system corp-ldap`']],
};

describe('a malformed CSV is refused with the exact place of every error and a remedy, and changes nothing', () => {
  test('every file of the folders is in the table', () => {
    const files = kinds.flatMap((kind) => readdirSync(`${folder}${kind}`).map((file) => `${kind}/${file.replace('.csv', '')}`));
    expect(files.sort()).toEqual(Object.keys(table).sort());
  });

  test.each(Object.entries(table))('%s', async (name, expected) => {
    const before = await rowsOf();
    const file = `${name.split('/')[1]}.csv`;
    const problem = await refusal(run(name, file));
    expect(problem.code).toBe('invalid-import');
    const findings = problem.details.length > 0 ? problem.details : [problem];
    expect(findings.map((d) => d.place)).toEqual(expected.map(([place]) => `${file}:${place}`));
    for (const [n, [, says, remedy]] of expected.entries()) {
      expect(findings[n]?.message).toContain(says);
      expect(findings[n]?.hint).toContain(remedy);
    }
    expect(JSON.stringify([problem.message, problem.hint, problem.details])).not.toContain('hunter2');
    expect(await rowsOf()).toBe(before);
  });
});

function run(name: string, file: string): Promise<unknown> {
  const csv = createReadStream(`${folder}${name}.csv`);
  const options = { partial: false, file };
  if (name.startsWith('owners/')) return importOwners({ inventory }, csv, options);
  if (name.startsWith('exposed/')) return importExposed({ inventory, seal: sampleSeal(store) }, csv, options);
  const known = ['file', 'vault'];
  return importConsumers({ inventory, stores: { known, isStore: (id) => known.includes(id) } }, csv, options);
}

async function rowsOf(): Promise<string> {
  return JSON.stringify([
    await store.query('select * from account order by key'),
    await store.query('select * from consumer'),
    await store.query('select * from secret'),
  ]);
}

// The contract every connector keeps, as rows picked by what it declares. The same rows run on simulators and on real servers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import type { Row, Stage } from './row.ts';
import { declarationRows, offlineRows } from './rows/declaration.ts';
import { provingRows } from './rows/proving.ts';
import { readingRows } from './rows/reading.ts';
import { secrecyRows } from './rows/secrecy.ts';
import { storingRows } from './rows/storing.ts';
import { writingRows } from './rows/writing.ts';

export const rows: readonly Row[] = [...declarationRows, ...readingRows, ...writingRows, ...provingRows, ...storingRows, ...secrecyRows];

/** `skipped` says why a row that applies cannot run with this fixture. Rows the connector does not declare are not listed. */
export type BoundRow = { readonly name: string; readonly skipped: string | undefined; run(): Promise<void> };

export type Options = { readonly timeoutMs?: number };

export function contractRows(fixture: ContractFixture, options: Options = {}): BoundRow[] {
  const offline = offlineRows.map((row): BoundRow => ({ name: row.name, skipped: undefined, run: async () => row.run(fixture) }));
  const declared = rows.filter((row) => row.requires.every((name) => fixture.connector.supports[name] === true));
  return [...offline, ...declared.map((row) => bound(fixture, row, options))];
}

function bound(fixture: ContractFixture, row: Row, options: Options): BoundRow {
  const skipped = fixture.situations[row.situation] === undefined ? `the fixture has no situation "${row.situation}"` : undefined;
  return { name: row.name, skipped, run: () => runRow(fixture, row, options) };
}

/** `change` lets the suite's own tests put a broken connection in the place of the good one. */
export async function runRow(
  fixture: ContractFixture,
  row: Row,
  options: Options = {},
  change: (stage: Stage) => Stage = (stage) => stage,
): Promise<void> {
  const open = fixture.situations[row.situation];
  if (open === undefined) throw new Error(`no situation ${row.situation}`);
  const folders: string[] = [];
  const controller = new AbortController();
  const bench: Bench = {
    io: (system) => ({
      system,
      timeoutMs: options.timeoutMs ?? 1000,
      signal: controller.signal,
      now: () => new Date(),
      resolve: () => Promise.reject(new Error('the fixture gives this connector no secret of its own')),
      path: (relative) => resolve(folders[0] ?? tmpdir(), relative),
    }),
    folder: () => {
      const folder = mkdtempSync(join(tmpdir(), 'rekey-contract-'));
      folders.push(folder);
      return folder;
    },
  };
  let rig: Rig | undefined;
  try {
    rig = await open(bench);
    await row.run(change({ rig, connector: fixture.connector, abort: () => controller.abort() }));
  } finally {
    await rig?.connection[Symbol.asyncDispose]();
    await rig?.close?.();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}

export type { ContractFixture };

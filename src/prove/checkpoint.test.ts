// On a real store: only settled entries are signed, every checkpoint continues the ones before, and an altered past is refused.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testStore } from '../../test/harness/store.ts';
import { nodeCryptography } from '../cryptography/node.ts';
import { evidenceOf } from '../store/evidence.ts';
import type { Store } from '../store/sql.ts';
import { signCheckpoint } from './checkpoint.ts';
import { parseCheckpoint } from './checkpoint-text.ts';
import { Frontier, leafHash } from './merkle.ts';
import { openNote } from './note.ts';
import type { Evidence } from './port.ts';
import { newLogKey, type Signer, signerOf } from './sign-note.ts';

let store: Store;
let close: () => Promise<void>;
let signer: Signer;
beforeAll(async () => {
  ({ store, close } = await testStore());
  const { key, seed } = newLogKey('rekey/acme');
  signer = await signerOf(key.name, (f) => f(seed));
});
afterAll(() => close());

const deps = (more: object = {}) => ({ evidence: evidenceOf(store), signer, estate: 'acme', settleMs: 50, ...more });
const rootOf = (lines: readonly string[]): string => {
  const frontier = new Frontier(nodeCryptography.sha256);
  for (const line of lines) frontier.append(leafHash(nodeCryptography.sha256, Buffer.from(line)));
  return Buffer.from(frontier.root()).toString('base64');
};
const newLog = (): string => `R-${randomUUID()}`;

test('what was appended, in its order and across pages, is what is signed', async () => {
  const log = newLog();
  const evidence = evidenceOf(store);
  const lines = Array.from({ length: 4_500 }, (_, i) => `{"n":${i},"name":"ä\\n✓"}`);
  await evidence.append(log, lines.slice(0, 2_500));
  await evidence.append(log, lines.slice(2_500));
  const { head, note } = await signCheckpoint(deps(), log);
  expect([head.size, Buffer.from(head.root).toString('base64')]).toEqual([4_500, rootOf(lines)]);
  const opened = await openNote(Buffer.from(note), signer.key, nodeCryptography);
  expect(opened.ok && parseCheckpoint(opened.text)).toEqual(head);
  expect(head.origin).toBe(`rekey/acme/${log}`);
});

test('a log that grew is signed as the continuation of itself; one that did not keeps its first note', async () => {
  const log = newLog();
  const evidence = evidenceOf(store);
  const empty = await signCheckpoint(deps(), log);
  await evidence.append(log, ['a', 'b', 'c']);
  const three = await signCheckpoint(deps(), log);
  expect(await signCheckpoint(deps(), log)).toEqual(three);
  await evidence.append(log, ['d']);
  const four = await signCheckpoint(deps(), log);
  expect([empty.head.size, three.head.size, four.head.size]).toEqual([0, 3, 4]);
  expect((await evidence.checkpoints(log)).map((c) => c.size)).toEqual([0, 3, 4]);
});

describe('an altered past is refused and not signed', () => {
  const grown = async (): Promise<{ log: string; evidence: Evidence }> => {
    const [log, evidence] = [newLog(), evidenceOf(store)];
    await evidence.append(log, ['a', 'b', 'c']);
    await signCheckpoint(deps(), log);
    await evidence.append(log, ['d']);
    return { log, evidence };
  };
  const where = 'log = (select key from log where name = $1)';
  test.each([
    ['a signed entry was changed', `update entry set line = 'B' where ${where} and line = 'b'`, 'first 3 entries'],
    ['a signed entry was removed', `delete from entry where ${where} and line = 'a'`, 'first 3 entries'],
    ['the log was cut below what was signed', `delete from entry where ${where} and line <> 'a'`, '1 entries, but 3'],
    [
      'entries came in before signed ones, as after a logical restore',
      `insert into entry (log, xid, line) select key, '4'::xid8, 'early' from log where name = $1`,
      'first 3 entries',
    ],
    ['the checkpoint was replaced', `update checkpoint set note = replace(note, 'acme', 'acne') where ${where}`, 'not ours'],
    ['the checkpoint was moved to another size', `update checkpoint set size = 2 where ${where}`, 'another log or size'],
  ])('%s', async (_what, sql, words) => {
    const { log, evidence } = await grown();
    await store.query(sql, [log]);
    await expect(signCheckpoint(deps(), log)).rejects.toMatchObject({ code: 'evidence-altered', message: expect.stringContaining(words) });
    expect(await evidence.checkpoints(log)).toHaveLength(1);
  });
});

test('entries whose transaction may still be overtaken are neither read nor signed', async () => {
  const log = newLog();
  const evidence = evidenceOf(store);
  await evidence.append(log, ['settled']);
  // a transaction from the future stands for one that is open: its xid is not below the snapshot's xmin
  await store.query("insert into entry (log, xid, line) select key, '900000000'::xid8, 'open' from log where name = $1", [log]);
  expect(await evidence.unsettled(log)).toBe(1);
  const read: string[] = [];
  for await (const page of evidence.pages(log)) read.push(...page);
  expect(read).toEqual(['settled']);
  await expect(signCheckpoint(deps(), log)).rejects.toMatchObject({ code: 'conflict', hint: expect.stringContaining('pg_stat_activity') });
  expect(await evidence.checkpoints(log)).toEqual([]);
});

// A bundle's every byte is under a signature, and what it says follows from its log.
import { cp, mkdtemp, open, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, type Sample, sampleRun } from '../../test/harness/sample-run.ts';
import { nodeCryptography } from '../cryptography/node.ts';
import { entryLine } from '../domain/entry.ts';
import type { PersonView } from '../domain/view.ts';
import { writeBundle } from './bundle.ts';
import { bundleNames, manifestNoteText, manifestText, parseManifest } from './bundle-files.ts';
import { signCheckpoint } from './checkpoint.ts';
import type { VerifyApproval } from './port.ts';
import { newLogKey, signerOf, signNote } from './sign-note.ts';
import { verifyBundle } from './verify.ts';

const verifyApproval: VerifyApproval = ({ signature, message }) =>
  signature === 'signed by alice' && message.startsWith('rekey approval v1\n');
const options = { verifyApproval };
let root: string;
let good: string;
let sample: Sample;

async function written(name: string, from: Sample): Promise<string> {
  const folder = await mkdtemp(join(root, name));
  await writeBundle(from.deps, from.run, await signCheckpoint(from.deps, from.run.id), folder);
  return folder;
}
async function copy(): Promise<string> {
  const folder = await mkdtemp(join(root, 'copy-'));
  await cp(good, folder, { recursive: true });
  return folder;
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rekey-bundle-'));
  sample = await sampleRun();
  good = await written('good-', sample);
});
afterAll(() => rm(root, { recursive: true, force: true }));

test('a whole bundle verifies and says which key signed it, and whether that key was pinned', async () => {
  const key = sample.deps.signer.key.line;
  const open = await verifyBundle(good, options);
  expect(open).toMatchObject({
    ok: true,
    run: 'R-4T9WZ0AB',
    entries: sample.lines.length,
    items: 4,
    approvals: ['alice'],
    key,
    pinned: false,
  });
  expect(open).toHaveProperty('trust', expect.stringContaining('compare it'));
  expect(await verifyBundle(good, { ...options, key })).toMatchObject({ ok: true, pinned: true });
  const stranger = newLogKey('rekey/acme').key.line;
  expect(await verifyBundle(good, { ...options, key: stranger })).toMatchObject({ ok: false, file: 'key.pub' });
});

/** All of them take four minutes: REKEY_EVERY_BYTE=1. Otherwise both ends of each file and about a hundred places between them. */
function* offsets(length: number): Iterable<number> {
  const step = process.env.REKEY_EVERY_BYTE === '1' ? 1 : Math.max(1, Math.floor(length / 100));
  for (
    let offset = 0;
    offset < length;
    offset += offset < 20 || offset >= length - 20 ? 1 : Math.min(step, Math.max(1, length - 20 - offset))
  )
    yield offset;
}

test('a flipped byte at any offset of any file is detected and its file named; in the log, its entry too', async () => {
  const folder = await copy();
  for (const name of bundleNames) {
    const path = join(folder, name);
    const bytes = await readFile(path);
    const file = await open(path, 'r+');
    try {
      for (const offset of offsets(bytes.length)) {
        const before = bytes[offset] as number;
        // the bit walks, so that every bit is flipped somewhere in every file
        await file.write(Uint8Array.of(before ^ (1 << (offset % 8))), 0, 1, offset);
        const found = await verifyBundle(folder, options);
        expect(found, `${name} at ${offset}`).toMatchObject({ ok: false, file: name });
        if (name === 'entries.ndjson')
          expect(found, `entries.ndjson at ${offset}`).toMatchObject({ entry: bytes.subarray(0, offset).filter((b) => b === 0x0a).length });
        await file.write(Uint8Array.of(before), 0, 1, offset);
      }
    } finally {
      await file.close();
    }
  }
  expect(await verifyBundle(folder, options)).toMatchObject({ ok: true });
}, 600_000);

describe('other damage is named', () => {
  const edit = async (name: string, change: (text: string) => string): Promise<string> => {
    const folder = await copy();
    const path = join(folder, name);
    await writeFile(path, change(await readFile(path, 'utf8')));
    return folder;
  };
  const lines = (text: string): string[] => text.split('\n').slice(0, -1);

  test('every file missing, and a file added', async () => {
    for (const name of bundleNames) {
      const folder = await copy();
      await unlink(join(folder, name));
      expect(await verifyBundle(folder, options)).toMatchObject({ ok: false, file: name, reason: expect.stringContaining('missing') });
    }
    const folder = await copy();
    await writeFile(join(folder, 'notes.txt'), 'x');
    expect(await verifyBundle(folder, options)).toMatchObject({ ok: false, file: 'notes.txt' });
  });
  test('every file cut at half its length, or with one byte more', async () => {
    for (const name of bundleNames) {
      const folder = await copy();
      const bytes = await readFile(join(folder, name));
      await writeFile(join(folder, name), bytes.subarray(0, bytes.length >> 1));
      expect(await verifyBundle(folder, options), `${name} cut`).toMatchObject({ ok: false, file: name });
      await writeFile(join(folder, name), Buffer.concat([bytes, Buffer.from('\n')]));
      expect(await verifyBundle(folder, options), `${name} longer`).toMatchObject({ ok: false, file: name });
    }
  });
  test('an altered log entry, by index and content', async () => {
    const folder = await edit('entries.ndjson', (text) => text.replace('permission denied', 'permission granted'));
    const index = sample.lines.findIndex((line) => line.includes('permission denied'));
    expect(await verifyBundle(folder, options)).toMatchObject({
      ok: false,
      file: 'entries.ndjson',
      entry: index,
      line: expect.stringContaining('granted'),
    });
  });
  test('swapped, added, doubled, removed and cut entries, by the first that differs', async () => {
    const changes: [string, number, (all: string[]) => string[]][] = [
      ['swapped', 4, (all) => [...all.slice(0, 4), all[5] as string, all[4] as string, ...all.slice(6)]],
      ['added', 7, (all) => [...all.slice(0, 7), '{"kind":"run"}', ...all.slice(7)]],
      ['doubled', 8, (all) => [...all.slice(0, 8), all[7] as string, ...all.slice(8)]],
      ['removed', 9, (all) => [...all.slice(0, 9), ...all.slice(10)]],
      ['appended', sample.lines.length, (all) => [...all, '{"kind":"run"}']],
      ['cut', sample.lines.length - 2, (all) => all.slice(0, -2)],
    ];
    for (const [how, entry, change] of changes) {
      const folder = await edit('entries.ndjson', (text) => `${change(lines(text)).join('\n')}\n`);
      expect(await verifyBundle(folder, options), how).toMatchObject({ ok: false, file: 'entries.ndjson', entry });
    }
  });
  test('an altered entry is named even when the manifest was rewritten to fit', async () => {
    const folder = await edit('entries.ndjson', (text) => text.replace('svc-web', 'svc-wab'));
    const manifest = parseManifest(await readFile(join(folder, 'manifest.json'), 'utf8'));
    if (manifest === undefined) throw new Error('no manifest');
    await writeFile(join(folder, 'manifest.json'), manifestText({ ...manifest, at: 'later' }));
    const found = await verifyBundle(folder, options);
    expect(found).toMatchObject({ ok: false });
    if (!found.ok) expect(found.findings.map((f) => f.file)).toEqual(expect.arrayContaining(['manifest.json', 'entries.ndjson']));
    if (!found.ok)
      expect(found.findings.find((f) => f.file === 'entries.ndjson')?.entry).toBe(
        sample.lines.findIndex((line) => line.includes('svc-web')),
      );
  });
  test("a bundle wholly rewritten under another key verifies only against that key's own word", async () => {
    const forged = await sampleRun();
    forged.lines[0] = forged.lines[0]?.replace('P-7K3QX2MA', 'P-00000000') ?? '';
    const folder = await written('forged-', forged);
    expect(await verifyBundle(folder, options)).toMatchObject({ ok: true, pinned: false });
    expect(await verifyBundle(folder, { ...options, key: sample.deps.signer.key.line })).toMatchObject({ ok: false, file: 'key.pub' });
  });
  test("one run's manifest does not stand under another run's signature", async () => {
    const folder = await copy();
    const text = await readFile(join(folder, 'manifest.json'), 'utf8');
    await writeFile(
      join(folder, 'manifest.note'),
      await signNote(manifestNoteText(nodeCryptography.sha256, text, 'rekey/acme/R-00000000'), sample.deps.signer),
    );
    expect(await verifyBundle(folder, options)).toMatchObject({ ok: false, file: 'manifest.json' });
  });
  test("a stranger's second signature on the manifest is refused", async () => {
    const folder = await copy();
    const { seed } = newLogKey('someone');
    const note = await readFile(join(folder, 'manifest.note'), 'utf8');
    const other = await signNote(note.slice(0, note.lastIndexOf('\n\n') + 1), await signerOf('someone', (f) => f(seed)));
    await writeFile(join(folder, 'manifest.note'), note + other.slice(other.lastIndexOf('—')));
    expect(await verifyBundle(folder, options)).toMatchObject({ ok: false, file: 'manifest.note' });
  });
});

describe('a bundle that contradicts itself is refused although its signatures hold', () => {
  const refused = async (change: (s: Sample) => void, want: object): Promise<void> => {
    const s = await sampleRun();
    change(s);
    expect(await verifyBundle(await written('self-', s), options)).toMatchObject({ ok: false, ...want });
  };
  const itemAt = (s: Sample, i: number) => s.items[i] as Sample['items'][number];

  test('an item reads complete, but its entries leave it failed', () =>
    refused((s) => void s.items.splice(2, 1, { ...itemAt(s, 2), state: 'complete' }), {
      file: 'items.ndjson',
      entry: 2,
      reason: expect.stringContaining('failed'),
    }));
  test('a cell reads proved, but the log has no refused old secret', () =>
    refused(
      (s) =>
        void s.lines.splice(
          s.lines.findIndex((line) => line.includes('"secret":"old"')),
          1,
        ),
      { file: 'items.ndjson', reason: expect.stringContaining('refused old secret') },
    ));
  test('a cell reads proved, but the made-up secret was let in', () =>
    refused(
      (s) => {
        const i = s.lines.findIndex((line) => line.includes('"secret":"nonsense"'));
        s.lines[i] = s.lines[i]?.replace('rejected', 'accepted') ?? '';
      },
      { file: 'items.ndjson', reason: expect.stringContaining('made-up') },
    ));
  test('a cell reads proved by tests made before the last reset', () =>
    refused(
      (s) => {
        const again = ['planned', 'sealed', 'sent', 'applied', 'propagated', 'revoked', 'proved', 'complete'];
        const start = s.lines.findIndex((line) => line.includes('"to":"applied"')) + 1;
        const rest = s.lines.splice(start);
        const probes = rest.filter((line) => line.includes('"kind":"probe"') && line.includes('corp-ldap/a1'));
        const others = rest.filter((line) => !line.includes('corp-ldap/a1'));
        s.lines.push(
          ...probes,
          ...again.map((to, i) => entryLine('item', at(50 + i), { item: 'corp-ldap/a1', from: i === 0 ? 'applied' : again[i - 1], to })),
          ...others,
        );
      },
      { file: 'items.ndjson', entry: 0, reason: expect.stringContaining('reads proved') },
    ));
  test('an item went a way that no item may go', () =>
    refused(
      (s) => {
        const i = s.lines.findIndex((line) => line.includes('"to":"sent"'));
        s.lines.splice(i, 1);
      },
      { file: 'entries.ndjson', entry: 3, reason: expect.stringContaining('from sent') },
    ));
  test('an item of the log is not listed', () =>
    refused((s) => void s.items.pop(), { file: 'items.ndjson', reason: expect.stringContaining('does not list') }));
  test('an item stands twice', () =>
    refused((s) => void s.items.push(itemAt(s, 0)), { file: 'items.ndjson', entry: 4, reason: expect.stringContaining('listed twice') }));
  test('an item is not in the plan', () =>
    refused((s) => void s.items.push({ ...itemAt(s, 0), id: 'z9' }), {
      file: 'items.ndjson',
      reason: expect.stringContaining('not in the plan'),
    }));
  test('the plan is not the one that was approved and run', () =>
    refused((s) => void Object.assign(s.run, { planHash: '0'.repeat(64) }), { file: 'plan.json' }));
  test('the plan lists another account than its header', () =>
    refused(
      (s) =>
        void Object.assign(s.records, {
          async *planLines() {
            yield ['{}', '{}', '{}', '{}'];
          },
        }),
      { file: 'plan-items.ndjson' },
    ));
  const withPeople = (s: Sample): void =>
    void s.items.splice(0, 3, ...s.items.slice(0, 3).map((item, i) => ({ ...item, person: i < 2 ? 'alice' : 'bob' })));
  test('one verdict for each person stands, and a report or a list that says another does not', async () => {
    const s = await sampleRun();
    withPeople(s);
    const folder = await written('people-', s);
    expect(await verifyBundle(folder, options)).toMatchObject({ ok: true });
    const rows = (await readFile(join(folder, 'people.ndjson'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.map(({ person, verdict, accounts }) => [person, verdict, accounts.length])).toEqual([
      ['alice', 'done', 2],
      ['bob', 'failed', 1],
    ]);
  });
  test('a person is missing, has an account less, or one in another state', async () => {
    const changes: [string, (people: PersonView[]) => PersonView[], string][] = [
      ['missing', (all) => all.slice(1), 'names 2 people'],
      ['less', ([first, ...rest]) => [{ ...(first as PersonView), accounts: first?.accounts.slice(1) ?? [] }, ...rest], '2 accounts'],
      [
        'state',
        ([first, ...rest]) => [
          { ...(first as PersonView), accounts: first?.accounts.map((each) => ({ ...each, state: 'failed' as const })) ?? [] },
          ...rest,
        ],
        'no account',
      ],
    ];
    for (const [, change, reason] of changes)
      await refused(
        (s) => {
          withPeople(s);
          const { people } = s.records;
          Object.assign(s.records, {
            async *people(run: string) {
              for await (const page of people(run)) yield change([...page]);
            },
          });
        },
        { file: 'people.ndjson', reason: expect.stringContaining(reason) },
      );
  });
  test('the log counts an approval with another key than the one in approvals.json', () =>
    refused(
      (s) =>
        void s.lines.splice(
          1,
          0,
          entryLine('approval', at(-1), { plan: s.run.plan, name: 'alice', method: 'ssh', key: 'ssh-ed25519 BBBB' }),
        ),
      { file: 'approvals.json', reason: expect.stringContaining('same key') },
    ));
  test("an approval's signature is not the approver's", () =>
    refused((s) => void Object.assign(s.approvals[0] ?? {}, { signature: 'signed by mallory' }), {
      file: 'approvals.json',
      reason: expect.stringContaining('alice'),
    }));
});

test('a bundle holds its log once, and its size is what the manifest says', async () => {
  const manifest = parseManifest(await readFile(join(good, 'manifest.json'), 'utf8'));
  for (const file of manifest?.files ?? []) expect((await stat(join(good, file.name))).size, file.name).toBe(file.size);
  expect(manifest?.files.find((f) => f.name === 'leaves')?.size).toBe(32 * sample.lines.length);
});

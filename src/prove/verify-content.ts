// What a bundle says against itself: plan, approvals, states, proofs and sums follow from its log. For bundles whose bytes hold already.
import { hex, shownText, utf8 } from '../cryptography/bytes.ts';
import type { Cryptography } from '../cryptography/port.ts';
import { ApprovalEntries } from './approvers-file.ts';
import type { Manifest } from './bundle-files.ts';
import { type BundleSource, wholeFile } from './bundle-source.ts';
import { type Coverage, tallyStates } from './coverage.ts';
import type { Finding } from './finding.ts';
import { linesOf, parsed } from './lines.ts';
import type { PersonRow } from './people-file.ts';
import type { ItemRow, VerifyApproval } from './port.ts';
import { Replay } from './replay.ts';
import { approvalsHold } from './verify-approvals.ts';
import { PeopleCheck } from './verify-people.ts';

type Reading = { readonly source: BundleSource; readonly cryptography: Cryptography };
type Report = { readonly coverage?: Coverage; readonly people?: Parameters<PeopleCheck['sums']>[0] };

export type Content = {
  readonly findings: readonly Finding[];
  readonly items: number;
  readonly approvals: readonly string[];
  readonly trust: readonly string[];
};

/** The first finding of each kind: one cause rarely comes alone, and a million of the same help nobody. */
export async function verifyContent(reading: Reading, manifest: Manifest, verifyApproval: VerifyApproval): Promise<Content> {
  const { source, cryptography } = reading;
  const findings: Finding[] = [];
  const keep = (finding: Finding | undefined): void => {
    if (finding !== undefined && !findings.some((f) => f.file === finding.file)) findings.push(finding);
  };
  const replay = new Replay(cryptography.sha256);
  keep(await planHolds(reading, manifest, replay));
  const counted = new ApprovalEntries();
  let index = 0;
  for await (const page of linesOf(source.stream('entries.ndjson')))
    for (const { bytes } of page) {
      const line = shownText(bytes);
      const entry = parsed(line);
      if (entry !== undefined) counted.take(entry);
      keep(
        entry === undefined
          ? { file: 'entries.ndjson', entry: index, line, reason: `entry ${index} is not a JSON object` }
          : replay.entry(index, line, entry),
      );
      index += 1;
    }
  const { approvals, trust, finding } = await approvalsHold(reading, manifest, counted.found, verifyApproval);
  keep(finding);
  const people = new PeopleCheck(cryptography.sha256);
  const { items, counts } = await replayItems(source, replay, people, keep);
  if (replay.unlisted > 0) keep({ file: 'items.ndjson', reason: `the plan has ${replay.unlisted} items that items.ndjson does not list` });
  // written by us and under the manifest's signature: the shape is ours
  const report = parsed(shownText(await wholeFile(source, 'report.json'))) as Report | undefined;
  if (manifest.format !== 'rekey-bundle/v1') {
    await readPeople(source, people, keep);
    keep(people.sums(report?.people));
  }
  keep(await sumsClose(source, report?.coverage, items, counts));
  return { findings, items, approvals, trust };
}

async function planHolds({ source, cryptography }: Reading, { planHash }: Manifest, replay: Replay): Promise<Finding | undefined> {
  const header = await wholeFile(source, 'plan.json');
  if (hex(cryptography.sha256(header)) !== planHash)
    return { file: 'plan.json', reason: `plan.json does not have the hash that was approved and run, ${planHash}` };
  const digest = cryptography.running();
  let count = 0;
  for await (const page of linesOf(source.stream('plan-items.ndjson')))
    for (const { bytes } of page) {
      digest.update(bytes);
      digest.update(utf8('\n'));
      count += 1;
      const line = parsed(shownText(bytes));
      if (line !== undefined) replay.plan(line);
    }
  const { items } = (parsed(shownText(header)) ?? {}) as { readonly items?: { readonly count: number; readonly digest: string } };
  if (items?.digest === hex(digest.digest()) && items.count === count) return undefined;
  return { file: 'plan-items.ndjson', reason: 'plan-items.ndjson is not the list whose digest stands in plan.json' };
}

type Keep = (finding: Finding | undefined) => void;

async function replayItems(source: BundleSource, replay: Replay, people: PeopleCheck, keep: Keep) {
  const counts = tallyStates();
  let items = 0;
  for await (const page of linesOf(source.stream('items.ndjson')))
    for (const { bytes } of page) {
      const line = shownText(bytes);
      // written by us and under the manifest's signature: the shape is ours
      const row = parsed(line) as ItemRow | undefined;
      if (row === undefined) keep({ file: 'items.ndjson', entry: items, line, reason: `row ${items} is not a JSON object` });
      else {
        keep(replay.item(items, line, row));
        people.item(row);
        counts[row.state] += 1;
      }
      items += 1;
    }
  return { items, counts };
}

async function readPeople(source: BundleSource, people: PeopleCheck, keep: Keep): Promise<void> {
  let index = 0;
  for await (const page of linesOf(source.stream('people.ndjson')))
    for (const { bytes } of page) {
      const line = shownText(bytes);
      const row = parsed(line) as PersonRow | undefined; // as above
      keep(
        row === undefined
          ? { file: 'people.ndjson', entry: index, line, reason: `row ${index} is not a JSON object` }
          : people.person(index, line, row),
      );
      index += 1;
    }
}

async function sumsClose(
  source: BundleSource,
  coverage: Coverage | undefined,
  items: number,
  counts: ReturnType<typeof tallyStates>,
): Promise<Finding | undefined> {
  const wrong = (reason: string): Finding => ({ file: 'report.json', reason });
  if (coverage === undefined) return wrong('report.json has no coverage');
  for (const [state, count] of Object.entries(counts)) {
    const said = coverage.rows.reduce((n, row) => n + (row.states[state as keyof typeof counts] ?? 0), 0);
    if (said !== count) return wrong(`the report counts ${said} items as ${state}, items.ndjson has ${count}`);
  }
  let selected = 0;
  for await (const page of linesOf(source.stream('plan-items.ndjson'))) selected += page.length;
  if (coverage.selected !== selected) return wrong(`the report says ${coverage.selected} were selected, the plan lists ${selected}`);
  const sum = coverage.rows.reduce((n, row) => n + row.count, 0);
  if (sum !== selected || items !== selected || !coverage.closes)
    return wrong(`the sums do not close: ${selected} selected, ${items} items, ${sum} in the table`);
  return undefined;
}

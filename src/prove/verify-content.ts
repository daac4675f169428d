// What a bundle says against itself: plan, approvals, states, proofs and sums follow from its log. For bundles whose bytes hold already.
import { createHash, hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ItemView } from '../domain/view.ts';
import type { ApprovalsFile } from './approvals-file.ts';
import type { Manifest } from './bundle-files.ts';
import { type Coverage, tallyStates } from './coverage.ts';
import type { Finding } from './finding.ts';
import { linesOf, parsed } from './lines.ts';
import type { VerifyApproval } from './port.ts';
import { Replay } from './replay.ts';

export type Content = { readonly findings: readonly Finding[]; readonly items: number; readonly approvals: readonly string[] };

/** The first finding of each kind: one cause rarely comes alone, and a million of the same help nobody. */
export async function verifyContent(folder: string, manifest: Manifest, verifyApproval: VerifyApproval): Promise<Content> {
  const findings: Finding[] = [];
  const keep = (finding: Finding | undefined): void => {
    if (finding !== undefined && !findings.some((f) => f.file === finding.file)) findings.push(finding);
  };
  const replay = new Replay();
  keep(await planHolds(folder, manifest, replay));
  const { approvals, finding } = await approvalsHold(folder, manifest, verifyApproval);
  keep(finding);
  let index = 0;
  for await (const page of linesOf(join(folder, 'entries.ndjson')))
    for (const { bytes } of page) {
      const line = bytes.toString('utf8');
      const entry = parsed(line);
      keep(
        entry === undefined
          ? { file: 'entries.ndjson', entry: index, line, reason: `entry ${index} is not a JSON object` }
          : replay.entry(index, line, entry),
      );
      index += 1;
    }
  const { items, counts } = await replayItems(folder, replay, keep);
  if (replay.unlisted > 0) keep({ file: 'items.ndjson', reason: `the plan has ${replay.unlisted} items that items.ndjson does not list` });
  keep(await sumsClose(folder, items, counts));
  return { findings, items, approvals };
}

async function planHolds(folder: string, { planHash }: Manifest, replay: Replay): Promise<Finding | undefined> {
  const header = await readFile(join(folder, 'plan.json'));
  if (hash('sha256', header, 'hex') !== planHash)
    return { file: 'plan.json', reason: `plan.json does not have the hash that was approved and run, ${planHash}` };
  const digest = createHash('sha256');
  let count = 0;
  for await (const page of linesOf(join(folder, 'plan-items.ndjson')))
    for (const { bytes } of page) {
      digest.update(bytes).update('\n');
      count += 1;
      const line = parsed(bytes.toString('utf8'));
      if (line !== undefined) replay.plan(line);
    }
  const { items } = (parsed(header.toString('utf8')) ?? {}) as { readonly items?: { readonly count: number; readonly digest: string } };
  if (items?.digest === digest.digest('hex') && items.count === count) return undefined;
  return { file: 'plan-items.ndjson', reason: 'plan-items.ndjson is not the list whose digest stands in plan.json' };
}

async function approvalsHold(folder: string, manifest: Manifest, verifyApproval: VerifyApproval) {
  const wrong = (reason: string) => ({ approvals: [], finding: { file: 'approvals.json', reason } });
  const file = parsed(await readFile(join(folder, 'approvals.json'), 'utf8')) as ApprovalsFile | undefined;
  if (file === undefined || !Array.isArray(file.approvals)) return wrong('approvals.json is malformed');
  const { message, approvals } = file;
  const told = message.split('\n');
  for (const part of [`estate ${manifest.estate}`, `id ${manifest.plan}`, `hash sha256:${manifest.planHash}`])
    if (!told.includes(part)) return wrong(`the approved message does not name this plan: it has no line "${part}"`);
  for (const { approver, method, publicKey, signature } of approvals)
    if (!(await verifyApproval({ approver, method, publicKey, signature, message })))
      return wrong(`the signature of ${approver} is not theirs over this plan's hash`);
  return { approvals: approvals.map((approval) => approval.approver), finding: undefined };
}

async function replayItems(folder: string, replay: Replay, keep: (finding: Finding | undefined) => void) {
  const counts = tallyStates();
  let items = 0;
  for await (const page of linesOf(join(folder, 'items.ndjson')))
    for (const { bytes } of page) {
      const line = bytes.toString('utf8');
      // written by us and under the manifest's signature: the shape is ours
      const row = parsed(line) as ItemView | undefined;
      if (row === undefined) keep({ file: 'items.ndjson', entry: items, line, reason: `row ${items} is not a JSON object` });
      else {
        keep(replay.item(items, line, row));
        counts[row.state] += 1;
      }
      items += 1;
    }
  return { items, counts };
}

async function sumsClose(folder: string, items: number, counts: ReturnType<typeof tallyStates>): Promise<Finding | undefined> {
  const wrong = (reason: string): Finding => ({ file: 'report.json', reason });
  const report = parsed(await readFile(join(folder, 'report.json'), 'utf8')) as { readonly coverage?: Coverage } | undefined;
  const coverage = report?.coverage;
  if (coverage === undefined) return wrong('report.json has no coverage');
  for (const [state, count] of Object.entries(counts)) {
    const said = coverage.rows.reduce((n, row) => n + (row.states[state as keyof typeof counts] ?? 0), 0);
    if (said !== count) return wrong(`the report counts ${said} items as ${state}, items.ndjson has ${count}`);
  }
  let selected = 0;
  for await (const page of linesOf(join(folder, 'plan-items.ndjson'))) selected += page.length;
  if (coverage.selected !== selected) return wrong(`the report says ${coverage.selected} were selected, the plan lists ${selected}`);
  const sum = coverage.rows.reduce((n, row) => n + row.count, 0);
  if (sum !== selected || items !== selected || !coverage.closes)
    return wrong(`the sums do not close: ${selected} selected, ${items} items, ${sum} in the table`);
  return undefined;
}

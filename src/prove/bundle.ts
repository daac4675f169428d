// Writes the evidence of a run as a folder of files under one signature. Everything streams; nothing secret is read.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeCryptography } from '../cryptography/node.ts';
import { csvLine } from '../domain/csv-line.ts';
import { canonical, type Json } from '../domain/json.ts';
import { Problem } from '../domain/problem.ts';
import type { PersonView } from '../domain/view.ts';
import { approvalsText } from './approvals-file.ts';
import { ApprovalEntries, approversText } from './approvers-file.ts';
import { bundleNames, manifestNoteText, manifestText, presentFormat } from './bundle-files.ts';
import type { Checkpoint } from './checkpoint.ts';
import { EntryScan } from './entry-scan.ts';
import { renderReport } from './html.ts';
import { ItemScan } from './item-scan.ts';
import { parsed } from './lines.ts';
import { Frontier, leafHash, sameHash } from './merkle.ts';
import { PeopleScan, personLine, personRow } from './people-file.ts';
import { signedPlaybook } from './playbook-holds.ts';
import type { Evidence, ExceptionRow, ItemRow, RunRecord, RunRecords } from './port.ts';
import { readmeText } from './readme-text.ts';
import { type Derivative, reportOf, shownExceptions } from './report.ts';
import { type Signer, signNote } from './sign-note.ts';
import { BundleWriter } from './write-file.ts';

export type BundleDeps = {
  readonly evidence: Evidence;
  readonly records: RunRecords;
  readonly signer: Signer;
  readonly estate: string;
  readonly demo: boolean;
  /** "rekey 0.1.0". */
  readonly tool: string;
  readonly now: () => Date;
  /** The bytes an approver signed for this plan. */
  readonly approvalMessage: (subject: { readonly id: string; readonly hash: string; readonly estate: string }) => string;
  /** What the connectors of the run's systems declare to outlive a change. */
  readonly derivatives: (run: string) => Promise<readonly Derivative[]>;
};

/** `folder` exists and is empty. The log is written as far as the checkpoint reaches. */
export async function writeBundle(deps: BundleDeps, run: RunRecord, checkpoint: Checkpoint, folder: string): Promise<readonly string[]> {
  const { records, signer, estate, demo, tool } = deps;
  const { head } = checkpoint;
  const plan = await records.plan(run.plan);
  if (plan === undefined) throw new Problem('not-found', { message: `run ${run.id} has lost its plan ${run.plan}` });
  const files = new BundleWriter(folder);
  const entries = new EntryScan();
  const counted = new ApprovalEntries();
  const items = new ItemScan();
  const selected = { count: 0 };
  await writeLog(files, deps.evidence, checkpoint, run.id, (line) => {
    const entry = parsed(line);
    if (entry === undefined) return;
    entries.take(entry);
    counted.take(entry);
  });
  await files.write('checkpoint', checkpoint.note);
  await files.write('plan.json', plan.header);
  await files.write('plan-items.ndjson', ndjson(records.planLines(plan.id), selected));
  const inAdvance = await records.preApproval(plan.id);
  const approvals = inAdvance?.approvals ?? (await records.approvals(plan.id));
  const signed =
    inAdvance === undefined ? { id: plan.id, hash: run.planHash } : signedPlaybook(inAdvance.playbook, nodeCryptography.sha256);
  const message = deps.approvalMessage({ ...signed, estate });
  await files.write('approvals.json', approvalsText(plan.id, run.planHash, message, approvals, inAdvance?.playbook));
  await files.write('approvers.json', approversText(counted.found));
  await writeItems(files, records, run, entries, items);
  const people = new PeopleScan();
  await files.write('people.ndjson', personLines(records.people(run.id), people));
  const exceptions = { count: 0, first: [] as ExceptionRow[] };
  await files.write('exceptions.csv', exceptionRows(records.exceptions(run.id), exceptions));
  const now = deps.now();
  const report = reportOf({
    estate,
    demo,
    tool,
    now,
    run,
    plan,
    selected: selected.count,
    approvals,
    waves: await records.waves(run.id),
    entries,
    items,
    people,
    exceptions,
    derivatives: await deps.derivatives(run.id),
    log: { origin: head.origin, entries: head.size, root: Buffer.from(head.root).toString('base64'), key: signer.key.line },
  });
  await files.write('report.json', `${JSON.stringify(report, null, 2)}\n`);
  await files.write('report.html', renderReport(report));
  await files.write('key.pub', `${signer.key.line}\n`);
  await files.write('README.txt', readmeText({ run: run.id, estate, origin: head.origin, key: signer.key, demo }));
  const manifest = manifestText({
    format: presentFormat,
    estate,
    run: run.id,
    plan: plan.id,
    planHash: run.planHash,
    tool,
    demo,
    at: now.toISOString(),
    entries: head.size,
    files: files.files,
  });
  await writeFile(join(folder, 'manifest.json'), manifest, { flag: 'wx', mode: 0o600 });
  await writeFile(join(folder, 'manifest.note'), await signNote(manifestNoteText(nodeCryptography.sha256, manifest, head.origin), signer), {
    flag: 'wx',
    mode: 0o600,
  });
  return bundleNames;
}

async function writeLog(
  files: BundleWriter,
  evidence: Evidence,
  { head }: Checkpoint,
  log: string,
  take: (line: string) => void,
): Promise<void> {
  const [lines, leaves] = [await files.open('entries.ndjson'), await files.open('leaves')];
  const frontier = new Frontier(nodeCryptography.sha256);
  try {
    for await (const page of evidence.pages(log)) {
      for (const line of page.slice(0, head.size - frontier.size)) {
        const leaf = leafHash(nodeCryptography.sha256, Buffer.from(line, 'utf8'));
        frontier.append(leaf);
        await lines.write(`${line}\n`);
        await leaves.write(leaf);
        take(line);
      }
      if (frontier.size === head.size) break;
    }
  } finally {
    await lines.close();
    await leaves.close();
  }
  if (frontier.size !== head.size || !sameHash(frontier.root(), head.root))
    throw new Problem('evidence-altered', {
      message: `the evidence log ${log} changed under its checkpoint of ${head.size} entries`,
      hint: 'nothing was written; keep this store as it is and compare it with an earlier bundle or a backup',
    });
}

async function writeItems(files: BundleWriter, records: RunRecords, run: RunRecord, entries: EntryScan, scan: ItemScan): Promise<void> {
  const [rows, sheet] = [await files.open('items.ndjson'), await files.open('items.csv')];
  try {
    await sheet.write(
      csvLine([
        'system',
        'account',
        'id',
        'credential',
        'tier',
        'kind',
        'owner',
        'wave',
        'state',
        'version',
        'cells',
        'proved',
        'consumers',
        'adopted',
        'residual_until',
        'error',
      ]),
    );
    for await (const page of records.items(run.id))
      for (const row of page) {
        const denied = entries.deniedAt(`${row.system}/${row.id}`);
        scan.take(row, denied === undefined ? undefined : Math.max(0, (denied - run.startedAt.getTime()) / 1000));
        await rows.write(`${canonical(row as unknown as Json)}\n`);
        await sheet.write(itemRow(row));
      }
  } finally {
    await rows.close();
    await sheet.close();
  }
}

function itemRow(row: ItemRow): string {
  const proved = row.cells.filter((cell) => cell.verdict === 'proved').length;
  const adopted = row.consumers.filter((consumer) => consumer.state === 'adopted').length;
  const { system, account, id, credential, tier, kind, owner, wave, state, version } = row;
  return csvLine([
    system,
    account,
    id,
    credential,
    tier,
    kind,
    owner,
    wave,
    state,
    version,
    row.cells.length,
    proved,
    row.consumers.length,
    adopted,
    row.residual?.until,
    row.error,
  ]);
}

async function* exceptionRows(
  pages: AsyncIterable<readonly ExceptionRow[]>,
  seen: { count: number; first: ExceptionRow[] },
): AsyncIterable<string> {
  yield csvLine(['id', 'system', 'account', 'path', 'owner', 'reason', 'expires_at', 'at']);
  for await (const page of pages)
    for (const row of page) {
      seen.count += 1;
      if (seen.first.length < shownExceptions) seen.first.push(row);
      yield csvLine([row.id, row.system, row.account, row.path, row.owner, row.reason, row.expiresAt.toISOString(), row.at.toISOString()]);
    }
}

async function* personLines(pages: AsyncIterable<readonly PersonView[]>, seen: PeopleScan): AsyncIterable<string> {
  for await (const page of pages)
    for (const person of page) {
      const row = personRow(person);
      seen.take(row);
      yield `${personLine(row)}\n`;
    }
}

async function* ndjson(pages: AsyncIterable<readonly string[]>, seen: { count: number }): AsyncIterable<string> {
  for await (const page of pages) {
    seen.count += page.length;
    if (page.length > 0) yield `${page.join('\n')}\n`;
  }
}

// The report as one page that opens offline, runs nothing, prints in grey, and reads the same in light and dark.
import { personVerdicts } from '../domain/person.ts';
import type { CellRow } from './item-scan.ts';
import { type Html, markup } from './markup.ts';
import type { PersonRow } from './people-file.ts';
import type { Report } from './report.ts';
import { style } from './report-style.ts';
import type { Spread } from './spread.ts';

type Cell = string | number | Html | null;
type Column = { readonly head: string; readonly number?: true };

export function renderReport(report: Report): string {
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${report.demo ? 'DEMO: ' : ''}Credential reset ${report.run.id}, ${report.estate}</title>
<style>${{ html: style }}</style>
</head>
<body>
${report.demo ? markup`<p class="demo" role="note"><strong>DEMO.</strong> The estate in this report is fictitious. Nothing real was reset or tested.</p>` : null}
<main>
${summary(report)}
${timeline(report)}
${coverage(report)}
${people(report)}
${exposure(report)}
${tests(report)}
${consumers(report)}
${exceptions(report)}
${signed(report)}
${notCovered(report)}
${limits(report)}
${verifying(report)}
${appendix(report)}
</main>
<footer>${report.demo ? 'DEMO. ' : ''}Written ${when(report.writtenAt)} by ${report.tool}. All times are UTC. The same data: report.json.</footer>
</body>
</html>
`;
  return page.html;
}

function summary({ run, plan, outcome, approvals, exposure, coverage: cover, estate }: Report): Html {
  const { overall } = exposure;
  return markup`<header class="summary">
<p class="kicker">Credential reset, estate ${name(estate)}</p>
<h1>${run.id}: ${outcome.word}</h1>
<p class="sentence">${outcome.sentence}</p>
<dl>
${fact('Why', plan.reason ?? 'no reason was given')}
${plan.incident === null ? null : fact('Incident', plan.incident)}
${fact('Scope', markup`${cover.selected} credentials selected by <code>${plan.where ?? 'the plan'}</code>`)}
${fact('Decided by', approvals.length === 0 ? 'no approval was needed' : approvals.map((a, i) => markup`${i > 0 ? ', ' : ''}${name(a.approver)} (${when(a.at)})`))}
${fact('Planned by', markup`${name(plan.createdBy)} (${when(plan.createdAt)}), started by ${name(run.startedBy)}, mode ${run.mode}`)}
${fact('Window', markup`${when(run.startedAt)} to ${run.endedAt === null ? 'not ended' : when(run.endedAt)}`)}
${run.halt === null ? null : fact('Stopped', markup`by ${name(run.halt.by)} (${when(run.halt.at)}): ${run.halt.reason}`)}
${fact('Old secrets dead', overall.denied === 0 ? 'none proved' : `first after ${span(overall.first)}, half after ${span(overall.p50)}, 95 % after ${span(overall.p95)}, last after ${span(overall.last)}${overall.denied < overall.items ? `; ${overall.items - overall.denied} of ${overall.items} not proved dead` : ''}`)}
</dl>
<h2>Residual risk</h2>
${outcome.residualRisk.length === 0 ? markup`<p>None known within what was tested. See <a href="#limits">what was not tested</a>.</p>` : markup`<ul>${outcome.residualRisk.map((risk) => markup`<li>${risk}</li>`)}</ul>`}
<p class="plan">Plan ${plan.id}, SHA-256 <code class="hash">${plan.hash}</code></p>
</header>`;
}

function timeline({ timeline: moments, moreMoments, waves }: Report): Html {
  return markup`<section id="timeline"><h2>Timeline</h2>
${table(
  'What was decided and done, in order',
  [{ head: 'Time' }, { head: 'What' }, { head: 'Detail' }],
  moments.map((m) => [when(m.at), m.kind, m.text]),
)}
${moreMoments > 0 ? markup`<p>${moreMoments} more are in entries.ndjson.</p>` : null}
${table(
  'Waves',
  [{ head: 'Wave', number: true }, { head: 'Name' }, { head: 'Mode' }, { head: 'State' }, { head: 'From' }, { head: 'To' }],
  waves.map((w) => [
    w.n,
    name(w.name),
    w.mode,
    w.reason === null ? w.state : `${w.state}: ${w.reason}`,
    w.startedAt === null ? null : when(w.startedAt),
    w.endedAt === null ? null : when(w.endedAt),
  ]),
)}
</section>`;
}

function coverage({ coverage: { selected, rows, closes }, troubles }: Report): Html {
  const share = (n: number): Html =>
    markup`<span class="bar" aria-hidden="true"><i style="width:${selected === 0 ? 0 : Math.round((1000 * n) / selected) / 10}%"></i></span>`;
  const body = rows.map((row): Cell[] => [row.outcome, row.count, share(row.count), row.meaning]);
  const sum = rows.reduce((n, row) => n + row.count, 0);
  return markup`<section id="coverage"><h2>Coverage</h2>
${closes ? null : markup`<p class="alarm">The sums do not close: ${selected} were selected, ${sum} are accounted for. This report proves nothing.</p>`}
${table('Where every selected credential ended up', [{ head: 'Outcome' }, { head: 'Credentials', number: true }, { head: 'Share' }, { head: 'Meaning' }], body, ['selected', sum, null, closes ? 'the sums close' : 'the sums do not close'])}
${
  troubles.length === 0
    ? null
    : table(
        'Why items are not complete',
        [{ head: 'State' }, { head: 'Reason' }, { head: 'Credentials', number: true }, { head: 'For example' }],
        troubles.map((row) => [row.state, row.reason, row.count, names(row.sample)]),
      )
}
</section>`;
}

/** Nobody asks what became of an account; they ask what became of a person. */
function people({ people: { count, verdicts, first } }: Report): Html | null {
  if (count === 0) return null;
  const accounts = (row: PersonRow): Html =>
    markup`${row.accounts.map((each, i) => markup`${i > 0 ? ', ' : ''}${name(`${each.system}/${each.account}`)} (${each.verdict})`)}${row.leftOut.map(
      (each, i) => markup`${i + row.accounts.length > 0 ? ', ' : ''}${name(`${each.system}/${each.account}`)} (left out: ${each.why})`,
    )}`;
  return markup`<section id="people"><h2>People</h2>
<p>One verdict for each person: the worst of their accounts in this run. Accounts outside of it are named and soften nothing.</p>
${table(
  'People by verdict',
  [{ head: 'Verdict' }, { head: 'People', number: true }],
  personVerdicts.filter((verdict) => (verdicts[verdict] ?? 0) > 0).map((verdict) => [verdict, verdicts[verdict] ?? 0]),
  ['all', count],
)}
${table(
  count > first.length
    ? `The ${first.length} of ${count} with the worst verdicts; all are in people.ndjson`
    : 'Each person and their accounts',
  [{ head: 'Person' }, { head: 'Verdict' }, { head: 'Accounts' }],
  first.map((row) => [name(row.person), row.verdict, accounts(row)]),
)}
</section>`;
}

function exposure({ exposure: { overall, systems, tiers } }: Report): Html {
  const columns: Column[] = [
    { head: 'Where' },
    { head: 'Credentials', number: true },
    { head: 'Proved dead', number: true },
    ...['First', 'Half', '95 %', 'Last'].map((head): Column => ({ head, number: true })),
  ];
  const row = (s: Spread): Cell[] => [name(s.name), s.items, s.denied, span(s.first), span(s.p50), span(s.p95), span(s.last)];
  return markup`<section id="exposure"><h2>Time until the old secret was dead</h2>
<p>From the start of the run until the log first shows the proof. The times speak of the credentials proved dead, not of the others.</p>
${table('By tier', columns, [...tiers.map(row), row({ ...overall, name: 'all' })])}
${table('By system', columns, systems.map(row))}
</section>`;
}

function tests({ cells }: Report): Html {
  const columns: Column[] = [
    { head: 'Access path' },
    { head: 'Level' },
    ...['Proved', 'Inferred', 'Residual', 'Not proved', 'Excepted', 'Signed'].map((head): Column => ({ head, number: true })),
  ];
  const row = (c: CellRow): Cell[] => [name(c.path), c.level, c.proved, c.inferred, c.residual, c['not-proved'], c.excepted, c.signed];
  return markup`<section id="tests"><h2>Tests of the old secrets</h2>
${cells.length === 0 ? markup`<p>No access path was tested.</p>` : table('Cells (one account, one path, one replica) by how the old secret is known to be refused', columns, cells.map(row))}
<p class="small"><b>probed</b>: the new secret was accepted, a made-up one and the old one itself were refused. <b>state+canary</b>: the target's own record shows the change, and a canary account with known secrets went through the same reset. <b>state</b>, <b>canary</b>, <b>owner</b>: one of these alone, which closes nothing by itself. <b>none</b>: no answer.</p>
</section>`;
}

function consumers({ consumers: states }: Report): Html {
  const rows = Object.entries(states).map(([state, n]): Cell[] => [state, n]);
  return markup`<section id="consumers"><h2>Consumers</h2>
${rows.length === 0 ? markup`<p>No consumer is declared for these credentials. Programs that use one and are not declared may have broken unseen.</p>` : table('Workloads that use these credentials', [{ head: 'State' }, { head: 'Consumers', number: true }], rows)}
</section>`;
}

function exceptions({ exceptions: { count, first } }: Report): Html {
  return markup`<section id="exceptions"><h2>Exceptions</h2>
${
  count === 0
    ? markup`<p>None.</p>`
    : table(
        count > first.length ? `The first ${first.length} of ${count}; all are in exceptions.csv` : 'Accepted by an owner, until a date',
        [{ head: 'Id' }, { head: 'On' }, { head: 'Owner' }, { head: 'Until' }, { head: 'Reason' }],
        first.map((e) => [e.id, name(e.on), name(e.owner), when(e.expiresAt), e.reason]),
      )
}
</section>`;
}

function signed({ signed: { count, first } }: Report): Html | null {
  if (count === 0) return null;
  return markup`<section id="signed"><h2>By hand: signed, not proved</h2>
${table(
  count > first.length
    ? `The first ${first.length} of ${count}; all are in items.ndjson`
    : 'No API does these; an owner says that they were done',
  [{ head: 'On' }, { head: 'Said' }, { head: 'When' }],
  first.map((s) => [name(s.on), s.said, when(s.at)]),
)}
</section>`;
}

function notCovered({ notCovered: reasons, derivatives }: Report): Html {
  return markup`<section id="not-covered"><h2>Not covered</h2>
${
  reasons.length === 0
    ? markup`<p>The plan lists nothing as out of reach.</p>`
    : table(
        'What the plan could not reach',
        [{ head: 'Reason' }, { head: 'Count', number: true }, { head: 'For example' }, { head: 'What to do' }],
        reasons.map((r) => [r.reason, r.count, names(r.sample), r.hint]),
      )
}
${
  derivatives.length === 0
    ? null
    : table(
        'What outlives a change of the secret',
        [{ head: 'System' }, { head: 'What' }, { head: 'Ended by' }, { head: 'Else it lives' }],
        derivatives.map((d) => [name(d.system), d.what, d.killedBy, d.residual]),
      )
}
</section>`;
}

function limits({ limits: lines }: Report): Html {
  return markup`<section id="limits"><h2>Limits</h2><ul>${lines.map((line) => markup`<li>${line}</li>`)}</ul></section>`;
}

function verifying({ log, approvals, tool }: Report): Html {
  return markup`<section id="verify"><h2>How to verify</h2>
<p>Keep this file in the folder it came in, and run <code>rekey evidence verify DIR --key KEY</code>. It needs no network and names the first altered byte's file and entry. README.txt says how to do the same with public tools. Compare the key with one you were given another way:</p>
<dl>
${fact('Key', markup`<code class="hash">${log.key}</code>`)}
${fact('Log', markup`${log.origin}, ${log.entries} entries, root <code class="hash">${log.root}</code>`)}
${fact('Tool', tool)}
</dl>
${
  approvals.length === 0
    ? null
    : table(
        'Approvals: signatures are in approvals.json',
        [{ head: 'Approver' }, { head: 'Method' }, { head: 'When' }, { head: 'Key' }],
        approvals.map((a) => [name(a.approver), a.method, when(a.at), markup`<code class="hash">${a.key}</code>`]),
      )
}
</section>`;
}

function appendix({ controls }: Report): Html {
  return markup`<section id="controls"><h2>Appendix: controls this evidence supports</h2>
${table(
  'It supports them; it does not certify compliance',
  [{ head: 'Framework' }, { head: 'Id' }, { head: 'Title' }, { head: 'Evidence' }],
  controls.map((c) => [c.framework, c.id, c.title, c.evidence]),
)}
</section>`;
}

function table(caption: string, columns: readonly Column[], rows: readonly (readonly Cell[])[], foot?: readonly Cell[]): Html {
  const cells = (row: readonly Cell[]): Html[] =>
    row.map((cell, i) =>
      i === 0 ? markup`<th scope="row"${numeric(columns[i])}>${cell}</th>` : markup`<td${numeric(columns[i])}>${cell}</td>`,
    );
  return markup`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map((column) => markup`<th scope="col"${numeric(column)}>${column.head}</th>`)}</tr></thead>
<tbody>${rows.map((row) => markup`<tr>${cells(row)}</tr>\n`)}</tbody>
${foot === undefined ? null : markup`<tfoot><tr>${cells(foot)}</tr></tfoot>`}
</table></div>`;
}

const numeric = (column: Column | undefined): Html | null => (column?.number === true ? { html: ' class="n"' } : null);
const fact = (term: string, detail: Cell | readonly Html[]): Html => markup`<div><dt>${term}</dt><dd>${detail}</dd></div>`;
/** bdi: a right-to-left name must not reorder what stands beside it. */
const name = (text: string): Html => markup`<bdi>${text}</bdi>`;
const names = (list: readonly string[]): Html => markup`${list.map((each, i) => markup`${i > 0 ? ', ' : ''}${name(each)}`)}`;
const when = (iso: string): Html => markup`<time datetime="${iso}">${iso.replace('T', ' ').replace(/(:\d\d)(\.\d+)?Z$/, '$1')}</time>`;

function span(seconds: number | null): string {
  if (seconds === null) return '–';
  if (seconds < 60) return `${Math.round(seconds * 10) / 10} s`;
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h} h ${m} min` : `${m} min ${s} s`;
}

// The report as data: every number in it comes from the signed log, the items or the plan of the same bundle.
import type { Mode, RunState } from '../domain/run.ts';
import type { ReasonCount } from '../domain/view.ts';
import { type Control, controls } from './controls.ts';
import { type Coverage, coverageOf } from './coverage.ts';
import type { EntryScan, Moment } from './entry-scan.ts';
import type { CellRow, ItemScan, Signed, Trouble } from './item-scan.ts';
import { parsed } from './lines.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import type { PeopleScan, PersonRow } from './people-file.ts';
import type { ApprovalRecord, ExceptionRow, PlanRecord, RunRecord, WaveRecord } from './port.ts';
import type { Spread } from './spread.ts';

/** What a reset does not kill on a system, as its connector declares it. */
export type Derivative = { readonly system: string; readonly what: string; readonly killedBy: string; readonly residual: string };

export type Report = {
  readonly apiVersion: 'rekey/v1';
  readonly kind: 'Report';
  /** A fictitious estate: no page of this report speaks of anything real. */
  readonly demo: boolean;
  readonly estate: string;
  readonly writtenAt: string;
  readonly run: {
    readonly id: string;
    readonly state: RunState;
    readonly mode: Mode;
    readonly startedBy: string;
    readonly startedAt: string;
    readonly endedAt: string | null;
    readonly halt: RunRecord['halt'];
  };
  readonly plan: {
    readonly id: string;
    readonly name: string;
    readonly hash: string;
    readonly where: string | null;
    readonly reason: string | null;
    readonly incident: string | null;
    readonly createdBy: string;
    readonly createdAt: string;
  };
  readonly outcome: Outcome;
  readonly approvals: readonly { readonly approver: string; readonly method: string; readonly key: string; readonly at: string }[];
  readonly coverage: Coverage;
  /** People as the plan knew them; each reads the worst of their accounts. */
  readonly people: ReturnType<ItemScan['people']> & { readonly first: readonly PersonRow[] };
  readonly troubles: readonly Trouble[];
  readonly exposure: { readonly overall: Spread; readonly systems: readonly Spread[]; readonly tiers: readonly Spread[] };
  readonly cells: readonly CellRow[];
  readonly consumers: ItemScan['consumers'];
  readonly waves: readonly {
    readonly n: number;
    readonly name: string;
    readonly mode: Mode;
    readonly state: string;
    readonly reason: string | null;
    readonly startedAt: string | null;
    readonly endedAt: string | null;
  }[];
  readonly exceptions: { readonly count: number; readonly first: readonly ExceptionView[] };
  readonly signed: { readonly count: number; readonly first: readonly Signed[] };
  readonly notCovered: readonly ReasonCount[];
  readonly derivatives: readonly Derivative[];
  readonly limits: readonly string[];
  readonly timeline: readonly Moment[];
  readonly moreMoments: number;
  readonly log: { readonly origin: string; readonly entries: number; readonly root: string; readonly key: string };
  readonly tool: string;
  readonly controls: readonly Control[];
};
export type ExceptionView = {
  readonly id: string;
  readonly on: string;
  readonly owner: string;
  readonly reason: string;
  readonly expiresAt: string;
};

export type ReportInput = {
  readonly estate: string;
  readonly demo: boolean;
  readonly tool: string;
  readonly now: Date;
  readonly run: RunRecord;
  readonly plan: PlanRecord;
  readonly selected: number;
  readonly approvals: readonly ApprovalRecord[];
  readonly waves: readonly WaveRecord[];
  readonly entries: EntryScan;
  readonly items: ItemScan;
  readonly people: PeopleScan;
  readonly exceptions: { readonly count: number; readonly first: readonly ExceptionRow[] };
  readonly derivatives: readonly Derivative[];
  readonly log: Report['log'];
};

/** Rows of exceptions printed; all of them are in exceptions.csv. */
export const shownExceptions = 50;

export function reportOf(input: ReportInput): Report {
  const { run, plan, items, entries } = input;
  const header = parsed(plan.header) ?? {};
  const coverage = coverageOf(input.selected, items.states);
  const cells = items.cells();
  const notProved = cells.reduce((n, row) => n + row['not-proved'], 0);
  const exposure = items.exposure();
  return {
    apiVersion: 'rekey/v1',
    kind: 'Report',
    demo: input.demo,
    estate: input.estate,
    writtenAt: input.now.toISOString(),
    run: {
      id: run.id,
      state: run.state,
      mode: run.mode,
      startedBy: run.startedBy,
      startedAt: iso(run.startedAt),
      endedAt: run.endedAt === null ? null : iso(run.endedAt),
      halt: run.halt,
    },
    plan: {
      id: plan.id,
      name: plan.name,
      hash: run.planHash,
      where: text(header.where),
      reason: text(header.reason),
      incident: text(header.incident),
      createdBy: plan.createdBy,
      createdAt: iso(plan.createdAt),
    },
    outcome: outcomeOf({
      state: run.state,
      coverage,
      closed: items.closed,
      consumers: items.consumers,
      residualUntil: items.residualUntil,
      exceptions: input.exceptions.count,
      notProved,
    }),
    approvals: input.approvals.map(({ approver, method, publicKey, at }) => ({ approver, method, key: publicKey, at: iso(at) })),
    coverage,
    people: { ...items.people(), first: input.people.first },
    troubles: items.troubles(),
    exposure,
    cells,
    consumers: items.consumers,
    waves: input.waves.map((wave) => ({
      ...wave,
      startedAt: wave.startedAt === null ? null : iso(wave.startedAt),
      endedAt: wave.endedAt === null ? null : iso(wave.endedAt),
    })),
    exceptions: { count: input.exceptions.count, first: input.exceptions.first.map(exceptionView) },
    signed: items.signed,
    notCovered: reasons(header.notCovered),
    derivatives: input.derivatives.filter(({ system }) => exposure.systems.some((spread) => spread.name === system)),
    limits: limitsOf(input, cells),
    timeline: [...entries.moments, ...signatures(input), ...milestones(run, exposure.overall)].sort((a, b) =>
      a.at < b.at ? -1 : a.at > b.at ? 1 : 0,
    ),
    moreMoments: entries.moreMoments,
    log: input.log,
    tool: input.tool,
    controls,
  };
}

/** The log of a run begins when it starts: who agreed before that stands with the signatures. */
function signatures({ approvals, entries }: ReportInput): Moment[] {
  if (entries.kinds.has('approval')) return [];
  return approvals.map(({ approver, method, at }) => ({ at: iso(at), kind: 'approval', text: `by ${approver}, method ${method}` }));
}

function milestones(run: RunRecord, { first, p50, p95, last, denied }: Spread): Moment[] {
  const at = (seconds: number | null, words: string): Moment[] =>
    seconds === null ? [] : [{ at: iso(new Date(run.startedAt.getTime() + seconds * 1000)), kind: 'proof', text: words }];
  const of = `of ${denied} proved`;
  return [...at(first, 'first old secret proved dead'), ...at(p50, `half ${of}`), ...at(p95, `95 % ${of}`), ...at(last, `last ${of}`)];
}

function limitsOf({ items, demo }: ReportInput, cells: readonly CellRow[]): string[] {
  const paths = [...new Set(cells.map((cell) => cell.path))];
  const unprobed = cells
    .filter((cell) => cell.level !== 'probed')
    .reduce((n, cell) => n + cell.proved + cell.inferred + cell.residual + cell['not-proved'], 0);
  return [
    ...(demo ? ['Not tested: anything real. The estate of this report is fictitious.'] : []),
    paths.length === 0
      ? 'Not tested: any access path.'
      : `Tested: the access paths ${paths.join(', ')}, each at the replicas named in items.ndjson. Not tested: any other path or replica.`,
    ...(items.closed.itemsWithoutCells > 0
      ? [`Not tested: ${items.closed.itemsWithoutCells} items that read complete without a tested path.`]
      : []),
    ...(unprobed > 0 ? [`Not tested with the old secret itself: ${unprobed} cells; their level says what stands in.`] : []),
    'Not tested: accounts and systems that are not in the inventory, and copies of secrets nobody declared (key files, images, backups, browsers).',
    'Not tested: what was done with an old secret before it died, such as accounts or keys created with it.',
    'A test says what the target answered at that time; a change made later by someone else is not seen here.',
  ];
}

const exceptionView = (row: ExceptionRow): ExceptionView => ({
  id: row.id,
  on: `${row.system}/${row.account}${row.path === null ? '' : ` on ${row.path}`}`,
  owner: row.owner,
  reason: row.reason,
  expiresAt: iso(row.expiresAt),
});
const iso = (date: Date): string => date.toISOString();
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** The plan's own list of what it does not reach; a header without one has none. */
function reasons(value: unknown): ReasonCount[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each: Partial<ReasonCount> | null) =>
    typeof each?.reason === 'string' && typeof each.count === 'number'
      ? [
          {
            reason: each.reason,
            count: each.count,
            sample: Array.isArray(each.sample) ? each.sample.map(String) : [],
            hint: String(each.hint ?? ''),
          },
        ]
      : [],
  );
}

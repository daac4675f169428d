// One verdict per cell (path × replica) of one item. Replication is awaited by reading state, never polled with logins; what cannot be shown is not proved.
import { entryLine } from '../domain/entry.ts';
import type { Cell, Level, Where } from '../domain/verdict.ts';
import type { AccountRef, Lockout, Probed } from '../kit/capability.ts';
import { type Connection, can } from '../kit/connector.ts';
import type { Secret } from '../kit/secret.ts';
import { type Budget, budgetOf, type SpentBudget } from './budget.ts';
import { ceremony, type Finding, type Role } from './ceremony.ts';
import { type PacedRead, type StateFinding, stateOn } from './target-state.ts';

export type Verified = {
  readonly cells: readonly Cell[];
  readonly lines: readonly string[];
  /** The new secret is right and must be changed at the next login: whoever gets it will replace it, and it can then prove nothing more. */
  readonly mustChange?: true;
  /** `transient`: the path did not answer; asked a few times, then it is a finding. */
  readonly again?: { readonly afterMs: number; readonly why: string; readonly transient?: boolean };
};

/** A path and the open connection that probes it: the system's own paths, then those of the estate file. */
export type ProbePath = {
  readonly where: Where;
  readonly connection: Connection;
  /** The replica whose own record tells when the secret changed for this path: the path's, or that of the system behind an extra door. */
  readonly record: string;
};

export type VerifyInput = {
  readonly account: AccountRef;
  readonly connection: Connection;
  readonly paths: readonly ProbePath[];
  readonly fresh: Secret;
  readonly olds: readonly Secret[];
  readonly nonsense: Secret;
  /** The secret was set no earlier than this, by the target's clock. */
  readonly changedAfter: Date;
  /** The target's own list shows the new credential alone: its record that the old one is gone, where it dates nothing. */
  readonly onlyOurs?: boolean;
  /** Cells proved since the secret was set, while others were awaited: they are not logged in to again. */
  readonly proved?: readonly Cell[];
  readonly spent: SpentBudget;
  readonly canaryProved: (where: Where) => boolean;
  readonly now: () => Date;
  /** Probes and reads under the system's pace. */
  readonly pace: {
    probe(probe: () => Promise<Probed>): Promise<Probed>;
    read: PacedRead;
  };
};

export async function verifyItem(input: VerifyInput): Promise<Verified> {
  const lines: string[] = [];
  const cells: Cell[] = [];
  const states = new Map<string, StateFinding>();
  let mustChange: Pick<Verified, 'mustChange'> = {};
  let again: Verified['again'];
  for (const path of input.paths) {
    const replica = path.record;
    // With the old secret in hand one replica needs no record: the probe itself is the stronger evidence. A second replica may lag, and a login there would cost a failure.
    const several = input.paths.some((p) => p.record !== replica);
    if (!states.has(replica) && (several || input.olds.length === 0)) {
      const primary = [...states.values()].find((s) => s.kind === 'changed')?.state;
      states.set(
        replica,
        await stateOn(input.connection, input.account, { replica, appliedAt: input.changedAfter, primary, read: input.pace.read }),
      );
    }
    const state = states.get(replica);
    const known = input.proved?.find(({ path: name, replica: at }) => name === path.where.path && at === path.where.replica);
    if (state?.kind === 'lagging') {
      const why = `waits for replication: ${state.why}`;
      cells.push(cell(input, path.where, 'not-proved', 'none', why));
      // Before a path that does not answer: that one is given up after a few tries, replication is waited for.
      if (again === undefined || again.transient === true) again = { afterMs: 2000, why };
    } else if (known !== undefined) cells.push(known);
    else {
      const seen = await verifyCell(input, path, state, lines);
      cells.push(seen.cell);
      if (seen.mustChange === true) mustChange = { mustChange: true };
      if (seen.transient) again ??= { afterMs: 1000, why: seen.cell.code, transient: true };
    }
  }
  return { cells, lines, ...mustChange, ...(again !== undefined && { again }) };
}

async function verifyCell(
  input: VerifyInput,
  path: ProbePath,
  state: StateFinding | undefined,
  lines: string[],
): Promise<{ readonly cell: Cell; readonly transient: boolean; readonly mustChange?: true }> {
  const { where, connection } = path;
  const settled = (why: string) => ({ cell: cell(input, where, 'not-proved', 'none', why), transient: false });
  if (state?.kind === 'second-value') return settled(state.why);
  if (!can(connection, 'probe')) return settled('this path cannot be probed');
  const account = nameOf(input.account);
  let budget: Budget | undefined;
  // Only a login that opens clears the target's count: a right secret that must be changed first does not.
  let opened = false;
  const finding = await ceremony({
    attempt: async (role, secret) => {
      const probed = await attempt(input, path, { role, secret }, lines);
      if (probed.verdict === 'accepted') {
        opened = true;
        if (budget !== undefined) input.spent.accepted(account, budget);
      }
      return probed;
    },
    // Read when it is first needed: by then NEW was accepted, and has cleared what others' failures had left.
    mayFail: async () => {
      if (budget === undefined) {
        budget = await budgetNow(input, connection, where);
        if (opened) input.spent.accepted(account, budget);
      }
      return input.spent.spend(account, budget);
    },
    between: () => opened && budget?.resets === true && budget.row < 2 + input.olds.length,
    fresh: input.fresh,
    nonsense: input.nonsense,
    olds: input.olds,
  });
  const judged = judge(input, where, finding, state);
  if (finding.kind === 'failed') return { cell: judged, transient: finding.transient };
  return { cell: judged, transient: false, ...(finding.mustChange && { mustChange: finding.mustChange }) };
}

function judge(input: VerifyInput, where: Where, finding: Finding, state: StateFinding | undefined): Cell {
  switch (finding.kind) {
    case 'failed':
      return cell(input, where, 'not-proved', 'none', finding.why);
    case 'proved':
      return cell(input, where, 'proved', 'probed', finding.code);
    case 'unprobed': {
      // A list that shows the old slot gone says as much as a date of change.
      const changed = input.onlyOurs === true || state?.kind === 'changed';
      const level = levelOf(changed, input.canaryProved(where));
      if (finding.why === 'budget') return cell(input, where, 'inferred', level, finding.code);
      // Nobody holds the old secret: the target's record says it changed, the canary says this path honours changes.
      return level === 'state+canary' && finding.controls
        ? cell(input, where, 'proved', level, finding.code)
        : cell(input, where, finding.controls ? 'not-proved' : 'inferred', level, missing(changed, state, input.canaryProved(where)));
    }
  }
}

function levelOf(changed: boolean, canary: boolean): Level {
  if (changed) return canary ? 'state+canary' : 'state';
  return canary ? 'canary' : 'none';
}

function missing(changed: boolean, state: StateFinding | undefined, canary: boolean): string {
  const unread = state?.kind === 'unreadable' ? `the target's own record: ${state.why}` : "the target's own record was not read";
  const reasons = [...(changed ? [] : [unread]), ...(canary ? [] : ['a canary account that proved this path in this run'])];
  return `the old secret is not known, and this is missing: ${reasons.join('; ')}`;
}

async function attempt(
  input: VerifyInput,
  path: ProbePath,
  probe: { role: Role; secret: Secret },
  lines: string[],
): ReturnType<NonNullable<Connection['probe']>['attempt']> {
  const probed = await input.pace.probe(() =>
    (path.connection.probe as NonNullable<Connection['probe']>).attempt(input.account, probe.secret, path.where),
  );
  lines.push(
    entryLine('probe', input.now(), {
      item: `${input.account.system}/${input.account.id}`,
      account: input.account.name,
      path: path.where.path,
      replica: path.where.replica,
      secret: probe.role,
      verdict: probed.verdict,
      code: probed.code,
      right: probed.right,
    }),
  );
  return probed;
}

/** Ids are unique within a system only. */
const nameOf = (account: AccountRef): string => `${account.system}/${account.id}`;

/** Failures still counted after an accepted login are on their way through replication, or somebody else's: both may be gone in a moment. */
async function budgetNow(input: VerifyInput, connection: Connection, where: Where): Promise<Budget> {
  for (let look = 1; ; look++) {
    const lockout = await lockoutOf(input, connection, where);
    const budget = budgetOf(lockout);
    if (budget.row > 0 || !budget.resets || !((lockout?.failures ?? 0) > 0) || look >= mostLooks) return budget;
    await new Promise((resolve) => setTimeout(resolve, betweenLooksMs));
  }
}
const mostLooks = 10;
const betweenLooksMs = 300;

async function lockoutOf(input: VerifyInput, connection: Connection, where: Where): Promise<Lockout | undefined> {
  if (!can(connection, 'lockout')) return undefined;
  const read = await input.pace.read(() => connection.lockout.read(input.account, where));
  return read.kind === 'done' ? read.value : { threshold: undefined, failures: undefined, resetsOnSuccess: false };
}

function cell(input: VerifyInput, where: Where, verdict: Cell['verdict'], level: Level, code: string): Cell {
  return { ...where, verdict, level, code, at: input.now() };
}

// Makes a plan: one snapshot in, an immutable, hashed order of work out. Two passes that stream, so size costs time, never memory.
import { shortId } from '../domain/id.ts';
import { Problem } from '../domain/problem.ts';
import type { Mode } from '../domain/run.ts';
import { parseSelector } from '../domain/selector/parse.ts';
import type { PlanView } from '../domain/view.ts';
import type { Estate, SystemSpec } from '../estate/estate.ts';
import { channelWarnings, employeeWarnings, mailAddresses, mailedEmployees } from './channel-warnings.ts';
import { headerText, type PlanHeader, sha256 } from './header.ts';
import { blockedHints, type ConnectorFacts, type JudgedSystem } from './judge.ts';
import { addSystemGaps } from './not-covered.ts';
import { type Placed, place } from './place.ts';
import type { MailedEmployees, PlanDraft, PlanStore, SystemSnapshot } from './port.ts';
import { type PathFacts, paceOf, predict, type WaveLoad, waveSeconds } from './predict.ts';
import { type ApprovalsOf, viewOf } from './show-plan.ts';
import { groupsOf, planGroups, type Unite } from './sync.ts';
import { peopleWarnings, planWarnings } from './warnings.ts';
import { type Written, writeItems } from './write-items.ts';

export type PlanDeps = {
  readonly estate: Pick<Estate, 'name' | 'systems' | 'approvers' | 'sync' | 'notify'>;
  /** The registry's offline answers; undefined = no such connector. */
  readonly connector: (spec: SystemSpec) => ConnectorFacts | undefined;
  readonly path: PathFacts;
  readonly unite: Unite;
  readonly plans: PlanStore;
  readonly approvals: ApprovalsOf;
  readonly random: (bytes: number) => Uint8Array;
  readonly now: () => Date;
};
export type CreatePlanRequest = {
  readonly where: string;
  readonly reason: string;
  readonly incident?: string;
  readonly mode?: Mode;
  readonly name?: string;
  readonly rollback?: boolean;
  readonly expiresInHours?: number;
  /** The playbook it was made by: stands in the header, so that its signatures can be held against the plan. */
  readonly playbook?: NonNullable<PlanHeader['playbook']>;
};

const defaultHours = 24;
/** People named in a plan who have further accounts. */
const mostPeopleNamed = 5;
/** A plan older than a month describes another estate. */
const mostHours = 31 * 24;

export async function createPlan(deps: PlanDeps, request: CreatePlanRequest, createdBy: string): Promise<PlanView> {
  checkRequest(request);
  const createdAt = deps.now();
  const id = shortId('P', deps.random(8));
  const mode = request.mode ?? 'continuity';
  const plan = {
    id,
    name: request.name ?? deps.estate.name,
    createdAt,
    createdBy,
    expiresAt: new Date(createdAt.getTime() + (request.expiresInHours ?? defaultHours) * 3_600_000),
  };
  const known = deps.estate.systems.map((spec) => ({ spec, connector: deps.connector(spec) }));
  const header = await deps.plans.draft(async (draft) => {
    await draft.begin(plan);
    const snapshots = await draft.systems();
    const systems = planGroups(deps.estate.sync ?? [], known, snapshots, deps.unite);
    const selection = { where: request.where, now: createdAt };
    const placed = await place(draft, selection, mode, systems);
    const operators = new Set([createdBy, ...deps.estate.approvers.map((a) => a.name)]);
    const written = await writeItems(draft, { plan: id, mode, systems, operators, ...placed }, placed.selected, placed.order);
    const described = await describe(draft, id, mode, systems, {
      placed,
      written,
      paths: deps.path,
      snapshots,
      addresses: mailAddresses(deps.estate, createdBy),
      sender: deps.estate.notify?.smtp?.user,
      employees: (plan) => mailedEmployees(draft, deps.estate.notify, plan),
    });
    const made: PlanHeader = {
      apiVersion: 'rekey/v1',
      kind: 'plan',
      id,
      name: plan.name,
      estate: deps.estate.name,
      where: request.where,
      reason: request.reason,
      incident: request.incident ?? null,
      mode,
      rollback: request.rollback ?? false,
      ...(request.playbook === undefined ? {} : { playbook: request.playbook }),
      createdAt: createdAt.toISOString(),
      createdBy,
      expiresAt: plan.expiresAt.toISOString(),
      totals: written.totals,
      items: written.items,
      ...described,
    };
    const text = headerText(made);
    await draft.finish(id, text, sha256(text));
    return { made, hash: sha256(text) };
  });
  return viewOf(deps.approvals, header.made, header.hash);
}

function checkRequest({ where, reason, name, expiresInHours }: CreatePlanRequest): void {
  parseSelector(where);
  if (reason.trim() === '')
    throw new Problem('usage', { message: 'a plan needs a reason', place: '--reason', hint: '--reason "INC-42: directory dump found"' });
  if (name !== undefined && !/^\S(.{0,62}\S)?$/.test(name)) {
    throw new Problem('usage', {
      message: 'a plan’s name is one line of 1 to 64 characters: people type it to confirm',
      place: '--name',
      hint: '--name evict-1121',
    });
  }
  if (expiresInHours !== undefined && !(expiresInHours > 0 && expiresInHours <= mostHours)) {
    throw new Problem('usage', {
      message: `a plan lives more than 0 and at most ${mostHours} hours`,
      place: 'expiresInHours',
      hint: `leave it out for ${defaultHours}`,
    });
  }
}

type Described = Pick<PlanHeader, 'systems' | 'waves' | 'blockers' | 'notCovered' | 'warnings' | 'sync' | 'people' | 'predicted'>;

type Drawn = {
  readonly placed: Placed;
  readonly written: Written;
  readonly paths: PathFacts;
  readonly snapshots: readonly SystemSnapshot[];
  /** Where notices would be mailed to, and the account that sends them. */
  readonly addresses: readonly string[];
  readonly sender: string | undefined;
  readonly employees: (plan: string) => Promise<MailedEmployees>;
};

async function describe(
  draft: PlanDraft,
  id: string,
  mode: Mode,
  systems: readonly JudgedSystem[],
  { placed, written, paths, snapshots, addresses, sender, employees }: Drawn,
): Promise<Described> {
  const measured = new Map(snapshots.map((s) => [s.id, s.pace]));
  const paces = systems.map(({ spec, connector }) =>
    connector === undefined ? undefined : paceOf(spec, connector, measured.get(spec.id) ?? {}, paths),
  );
  const items = systems.map(() => 0);
  const loads: WaveLoad[] = [];
  const waves = placed.order.waves.map(({ n, name, mode: waveMode }) => {
    const load = [...(written.loads.get(n) ?? [])].map(([place, count]) => ({ place, items: count, pace: paces[place] }));
    for (const part of load) items[part.place]! += part.items;
    loads.push(load);
    const perSystem = load.map((part) => ({ system: systems[part.place]!.spec.id, items: part.items, seconds: waveSeconds([part]) }));
    return {
      n,
      name,
      mode: waveMode,
      items: load.reduce((sum, part) => sum + part.items, 0),
      byHand: written.tasks.get(n) ?? 0,
      systems: perSystem,
      seconds: waveSeconds(load),
    };
  });
  const touched = new Set(systems.filter((_, i) => items[i]! > 0).map(({ spec }) => spec.id));
  for (const { system, account } of placed.found.unknown) {
    if (touched.has(system)) written.blockers.add('canary-unknown', blockedHints['canary-unknown'], `${system}/${account}`);
  }
  addSystemGaps(written.notCovered, systems, touched, snapshots);
  const people = await draft.people(id, mostPeopleNamed);
  const groups = groupsOf(systems, written);
  const warnings = [
    ...(await planWarnings(draft, { mode, systems, touched, written, services: placed.services, joined: placed.joined })),
    ...peopleWarnings(people, groups, written.alone),
    ...channelWarnings(await draft.mailboxes(id, addresses), sender),
    ...employeeWarnings(await employees(id)),
  ];
  return {
    systems: systems.flatMap(({ spec }, i) =>
      items[i]! > 0
        ? [
            {
              id: spec.id,
              connector: spec.connector,
              tier: spec.tier,
              spec: spec.specHash,
              canary: spec.canary?.account ?? null,
              items: items[i]!,
            },
          ]
        : [],
    ),
    waves,
    blockers: written.blockers.list(),
    notCovered: written.notCovered.list(),
    warnings,
    sync: groups.map(({ early: _, ...group }) => group),
    people,
    predicted: predict(loads),
  };
}

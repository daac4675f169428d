// Systems and what a plan touches, wired for the doors: the estate file, the connector's own declarations and the store, side by side.
import { ownOnly } from '../access/caller.ts';
import { Problem } from '../domain/problem.ts';
import type { PathView, SystemDetail, SystemTrouble, SystemView } from '../domain/system-view.ts';
import { didYouMean } from '../estate/did-you-mean.ts';
import type { AccessPath, SystemSpec } from '../estate/estate.ts';
import type { GraphServices, SystemServices } from '../http/system-services.ts';
import { type Capability, capabilities } from '../kit/capability.ts';
import type { Support } from '../kit/connector.ts';
import { planGraph } from '../plan/graph.ts';
import { ownDoor } from '../plan/predict.ts';
import { openPlan } from '../plan/show-plan.ts';
import { uniteSystems } from '../seal/unite-systems.ts';
import { graphStore } from '../store/plan-graph.ts';
import { planStore } from '../store/plans.ts';
import {
  canaryFound,
  kindsOf,
  type LaneRow,
  openLanes,
  type SeenCell,
  type SystemListRow,
  seenCells,
  systemRows,
} from '../store/system-views.ts';
import type { AnyConnector } from './connections.ts';
import type { Parts } from './parts.ts';
import { policyRows } from './policy-rows.ts';
import { secretPlaces } from './secret-places.ts';

export function systemServices(parts: Parts): SystemServices & GraphServices {
  const { store, estate, connectors } = parts;
  const titleOf = (row: SystemListRow): string => connectors.get(row.connector)?.title ?? row.connector;
  return {
    systems: async (caller) => {
      const rows = await systemRows(store, ownOnly(caller, 'estate.read'));
      const lanes = await openLanes(store, null);
      return rows.map((row) =>
        viewOf(
          row,
          titleOf(row),
          lanes.filter((l) => l.system === row.id),
        ),
      );
    },
    system: async (caller, id) => {
      const rows = await systemRows(store, ownOnly(caller, 'estate.read'));
      const row = rows.find((each) => each.id === id);
      if (row === undefined)
        throw new Problem('not-found', {
          message: `there is no system ${JSON.stringify(id.slice(0, 80))}`,
          hint:
            didYouMean(
              id,
              rows.map((r) => r.id),
            ) ?? 'rekey.yaml lists the systems',
        });
      const lanes = await openLanes(store, id);
      const spec = estate.systems.find((s) => s.id === id);
      const connector = connectors.get(row.connector);
      const canary = row.canary === null ? null : { account: row.canary, ...(await canaryFound(store, id, row.canary)) };
      return {
        ...viewOf(row, titleOf(row), lanes),
        limits: spec === undefined || connector === undefined ? null : limitsOf(spec, connector),
        secrets: spec === undefined ? [] : secretPlaces(spec),
        canary: canary === null ? null : { account: canary.account, found: canary.found, secretKnown: canary.secret },
        policy: policyOf(row, spec),
        paths: connector === undefined ? [] : pathsOf(row, connector, spec?.paths ?? [], await seenCells(store, id)),
        ...(connector === undefined ? { capabilities: [], derivatives: [] } : declared(connector, spec)),
        kinds: await kindsOf(store, id),
        lanes: lanes.map(({ system: _system, since, ...lane }) => ({ ...lane, since: since?.toISOString() ?? null })),
      };
    },
    planGraph: async (_caller, plan, expand) => {
      const { header } = await openPlan(planStore(store), plan);
      return planGraph(graphStore(store), header.id, expand);
    },
  };
}

function viewOf(row: SystemListRow, title: string, lanes: readonly LaneRow[]): SystemView {
  const { count, withoutOwner, exposed, privileged } = row;
  return {
    system: row.id,
    connector: row.connector,
    title,
    role: row.role,
    tier: row.tier,
    owner: row.owner,
    accounts: { count, withoutOwner, exposed, privileged },
    discovery:
      row.startedAt === null
        ? null
        : { startedAt: row.startedAt.toISOString(), endedAt: row.endedAt?.toISOString() ?? null, found: row.found ?? 0 },
    trouble: troubleOf(lanes),
  };
}

/** A halted lane before one that only waits for something. */
function troubleOf(lanes: readonly LaneRow[]): SystemTrouble | null {
  const lane = lanes.find((l) => l.state === 'halted') ?? lanes.find((l) => l.reason !== null && l.state !== 'done');
  if (lane === undefined) return null;
  return { run: lane.run, wave: lane.wave, state: lane.state, reason: lane.reason, since: lane.since?.toISOString() ?? null };
}

function limitsOf(spec: SystemSpec, connector: AnyConnector): SystemDetail['limits'] {
  return {
    concurrency: spec.limits.concurrency ?? connector.pace.concurrency,
    perSecond: spec.limits.perSecond ?? null,
    timeoutMs: spec.limits.timeoutMs ?? null,
    fromEstate: Object.keys(spec.limits),
  };
}

function policyOf(row: SystemListRow, spec: SystemSpec | undefined): SystemDetail['policy'] {
  const rules = spec?.password ?? {};
  const united = uniteSystems([{ system: row.id, policy: row.policy ?? undefined, rules }]);
  return {
    readAt: row.policyAt?.toISOString() ?? null,
    stated: row.policy !== null,
    rows: policyRows(row.policy, rules),
    conflict: 'conflict' in united ? united.conflict : null,
  };
}

function pathsOf(row: SystemListRow, connector: AnyConnector, extra: readonly AccessPath[], cells: readonly SeenCell[]): PathView[] {
  const seen = (path: string): PathView['replicas'] =>
    cells.filter((c) => c.path === path).map(({ path: _path, at, ...c }) => ({ ...c, at: at.toISOString() }));
  const own = [...new Set(cells.map((c) => c.path))].filter((path) => extra.every((e) => e.id !== path));
  const counted = (path: string): number | null => row.cells?.[path] ?? null;
  return [
    ...(own.length === 0 ? [connector.id] : own).map((id) => ({
      id,
      probe: connector.id,
      own: true,
      replicas: seen(id),
      counted: counted(ownDoor),
    })),
    ...extra.map((e) => ({ id: e.id, probe: e.probe, own: false, replicas: seen(e.id), counted: counted(e.id) })),
  ];
}

function declared(connector: AnyConnector, spec: SystemSpec | undefined): Pick<SystemDetail, 'capabilities' | 'derivatives'> {
  const supports =
    spec === undefined || connector.supportsFor === undefined
      ? connector.supports
      : connector.supportsFor(connector.config.parse(spec.config));
  return {
    capabilities: capabilities.map((capability: Capability) => ({
      capability,
      can: supports[capability] === true,
      why: whyNot(supports[capability]),
      rights: connector.permissions[capability] ?? [],
    })),
    derivatives: connector.derivatives,
  };
}

function whyNot(support: Support): string | null {
  if (support === true) return null;
  return 'cannot' in support ? support.cannot : `Planned: ${support.planned}`;
}

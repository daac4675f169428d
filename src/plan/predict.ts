// How long a plan will take: waves one after another, the systems of a wave side by side; in each, its first item and then every further one.
import type { SystemSpec } from '../estate/estate.ts';
import type { ConnectorFacts } from './judge.ts';
import type { MeasuredPace } from './port.ts';

/** NEW, NONSENSE, OLD, NEW: one ceremony of controls per cell. */
const probesPerCell = 4;
/** Until its lanes are claimed, and the reconciler's look when they are done. */
const secondsPerWave = 0.3;
/** Until a system is open and its policy read: in what a lane has shown until its first item it is counted already. */
const secondsToOpen = 0.7;
/** A declared pace is a guess: half as long to more than twice. A measured one varies with the target's load. */
const spread = { declared: [0.5, 2.5], measured: [0.8, 1.5] } as const;

/** The way in to an account: how often it is there (replicas, servers), and the pace of the connector that probes it. */
type Door = { readonly cells: number; readonly pace: ConnectorFacts['pace'] };
export type SystemPace = { readonly firstSeconds: number; readonly secondsPerItem: number; readonly measured: boolean };
/** A connector of the registry by its id, for the paths of a system. */
export type PathFacts = (connector: string) => Pick<ConnectorFacts, 'pace'> | undefined;

export function paceOf(spec: SystemSpec, connector: ConnectorFacts, seen: MeasuredPace, facts: PathFacts): SystemPace {
  const doors = doorsOf(spec, connector, seen, facts);
  const cells = doors.reduce((sum, door) => sum + door.cells, 0);
  const rate = spec.limits.perSecond === undefined ? 0 : (1 + cells * probesPerCell) / Math.max(0.01, spec.limits.perSecond);
  const declared = declaredPace(spec, connector, doors);
  const firstSeconds = seen.firstMs === undefined ? secondsToOpen + declared.first : seen.firstMs / 1000;
  const secondsPerItem = seen.itemMs === undefined ? declared.each : seen.itemMs / 1000;
  return {
    firstSeconds,
    secondsPerItem: Math.max(rate, secondsPerItem),
    measured: seen.firstMs !== undefined && seen.itemMs !== undefined,
  };
}

/** What discovery counted, else one of each. */
function doorsOf(spec: SystemSpec, connector: ConnectorFacts, seen: MeasuredPace, facts: PathFacts): readonly Door[] {
  const own = { cells: seen.cells?.[ownDoor] ?? 1, pace: connector.pace };
  return [own, ...spec.paths.map(({ id, probe }) => ({ cells: seen.cells?.[id] ?? 1, pace: facts(probe)?.pace ?? connector.pace }))];
}
/** Under this name the system's own paths are counted together; no path of an estate file can have it. */
export const ownDoor = '';

/** A call for each value and four for each cell, as many at once as the lane allows; a door that lets in fewer, or fewer a second, holds all up. */
function declaredPace(spec: SystemSpec, connector: ConnectorFacts, doors: readonly Door[]): { first: number; each: number } {
  const lane = Math.max(1, spec.limits.concurrency ?? connector.pace.concurrency);
  const probing = doors.map(({ cells, pace }) => (cells * probesPerCell * pace.probeMs) / 1000);
  const first = connector.pace.setMs / 1000 + probing.reduce((sum, seconds) => sum + seconds, 0);
  const slowest = doors.map(({ cells, pace }, n) =>
    Math.max((probing[n] ?? 0) / Math.max(1, Math.min(lane, pace.concurrency)), (cells * probesPerCell) / Math.max(0.01, pace.perSecond)),
  );
  return { first, each: Math.max(first / lane, ...slowest) };
}

export function secondsFor(items: number, { firstSeconds, secondsPerItem }: SystemPace): number {
  return items === 0 ? 0 : firstSeconds + (items - 1) * secondsPerItem;
}

export type WaveLoad = readonly { readonly items: number; readonly pace: SystemPace | undefined }[];

const round = (seconds: number): number => Math.round(seconds * 10) / 10;

export function waveSeconds(load: WaveLoad): number {
  return round(secondsPerWave + Math.max(0, ...load.map(({ items, pace }) => (pace === undefined ? 0 : secondsFor(items, pace)))));
}

export function predict(waves: readonly WaveLoad[]): { seconds: number; low: number; high: number } {
  const total = waves.reduce((sum, load) => sum + waveSeconds(load), 0);
  const measured = waves.every((load) => load.every(({ pace }) => pace?.measured !== false));
  const [low, high] = measured ? spread.measured : spread.declared;
  return { seconds: round(total), low: round(total * low), high: round(total * high) };
}

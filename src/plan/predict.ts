// How long a plan will take: waves one after another, the systems of a wave side by side; each by the lanes of former runs, else by logins discovery has timed, else by what is declared.
import type { SystemSpec } from '../estate/estate.ts';
import type { ConnectorFacts } from './judge.ts';
import type { MeasuredPace } from './port.ts';
import { fromLanes, type LaneModel } from './seen-lanes.ts';

/** NEW, NONSENSE, OLD, NEW: one ceremony of controls per cell. */
const probesPerCell = 4;
/** Until its lanes are claimed, and the reconciler's look when they are done. */
const secondsPerWave = 0.3;
/** Until a system is open and its policy read. */
const secondsToOpen = 0.7;
/** A second replica seldom has a write when it is first looked at; the next look comes two seconds later. How long it really takes, the first lane shows. */
const secondsToConverge = 2;
/** How far the truth may lie from each basis: a declared pace is a guess, a login of nobody is a part of the work, a lane was all of it under another load. */
const spread = { declared: [0.5, 2.5], doors: [0.6, 2], lanes: [0.75, 1.5] } as const;

type Basis = keyof typeof spread;
export type SystemPace = { readonly basis: Basis; readonly seconds: (items: number) => number };
/** The way in to an account: how often it is there (replicas, servers), how long a login takes, and how many it lets in at once and a second. */
type Door = {
  readonly cells: number;
  readonly timed: boolean;
  readonly probeMs: number;
  readonly atOnce: number;
  readonly perSecond: number;
};
/** A connector of the registry by its id, for the paths of a system. */
export type PathFacts = (connector: string) => Pick<ConnectorFacts, 'pace'> | undefined;

export function paceOf(spec: SystemSpec, connector: ConnectorFacts, seen: MeasuredPace, facts: PathFacts): SystemPace {
  const doors = [
    doorOf(ownDoor, connector.pace, seen),
    ...spec.paths.map(({ id, probe }) => doorOf(id, facts(probe)?.pace ?? connector.pace, seen)),
  ];
  const calls = 1 + doors.reduce((sum, { cells }) => sum + cells * probesPerCell, 0);
  const rate = spec.limits.perSecond === undefined ? 0 : calls / Math.max(0.01, spec.limits.perSecond);
  const atOnce = Math.max(1, spec.limits.concurrency ?? connector.pace.concurrency);
  const lanes = Object.values(seen.lanes ?? {});
  const model = lanes.length > 0 ? fromLanes(lanes, atOnce) : fromDoors(doors, setSeconds(connector.pace, seen), atOnce);
  return {
    basis: lanes.length > 0 ? 'lanes' : doors.every(({ timed }) => timed) ? 'doors' : 'declared',
    seconds: (items) => {
      if (items === 0) return 0;
      const { fixed, work } = model(items);
      return fixed + Math.max(work, items * rate);
    },
  };
}

/** Under this name the system's own paths are counted and timed together; no path of an estate file can have it. */
export const ownDoor = '';

/**
 * What discovery counted and timed, else one of each and the declared. A declared rate is a guess about the same thing as the time, so it falls with it.
 * Where the target had no word on nobody it spent less than on an account: that a door is slow is then known, that it is quick is not.
 */
function doorOf(id: string, pace: ConnectorFacts['pace'], seen: MeasuredPace): Door {
  const login = seen.logins?.[id];
  const timed = login?.refused === true;
  return {
    cells: seen.cells?.[id] ?? 1,
    timed,
    probeMs: login === undefined ? pace.probeMs : timed ? login.ms : Math.max(pace.probeMs, login.ms),
    atOnce: Math.max(1, pace.concurrency),
    perSecond: timed ? Number.POSITIVE_INFINITY : Math.max(0.01, pace.perSecond),
  };
}

/** No write is tried before a run: it is as much slower than declared as a login there is, and never taken for quicker. */
function setSeconds({ setMs, probeMs }: ConnectorFacts['pace'], seen: MeasuredPace): number {
  return (setMs / 1000) * Math.max(1, (seen.logins?.[ownDoor]?.ms ?? 0) / Math.max(1, probeMs));
}

/** A write and four logins for each cell, as many accounts at once as the lane allows; a door that lets in fewer, or fewer a second, holds all up. */
function fromDoors(doors: readonly Door[], set: number, atOnce: number): LaneModel {
  const probing = doors.map(({ cells, probeMs }) => (cells * probesPerCell * probeMs) / 1000);
  const first = set + probing.reduce((sum, seconds) => sum + seconds, 0);
  const slowest = doors.map((door, n) =>
    Math.max((probing[n] ?? 0) / Math.min(atOnce, door.atOnce), (door.cells * probesPerCell) / door.perSecond),
  );
  const each = Math.max(first / atOnce, ...slowest);
  const fixed = secondsToOpen + ((doors[0]?.cells ?? 1) > 1 ? secondsToConverge : 0);
  return (items) => ({ fixed, work: first + (items - 1) * each });
}

export type WaveLoad = readonly { readonly items: number; readonly pace: SystemPace | undefined }[];

const round = (seconds: number): number => Math.round(seconds * 10) / 10;

export function waveSeconds(load: WaveLoad): number {
  return round(secondsPerWave + Math.max(0, ...load.map(({ items, pace }) => pace?.seconds(items) ?? 0)));
}

/** Each wave as far off as the least certain of its systems may be. */
export function predict(waves: readonly WaveLoad[]): { seconds: number; low: number; high: number } {
  const sum = { seconds: 0, low: 0, high: 0 };
  for (const load of waves) {
    const seconds = waveSeconds(load);
    const bases = load.flatMap(({ pace }) => pace?.basis ?? []);
    const [low, high] = [Math.min(...bases.map((basis) => spread[basis][0]), 1), Math.max(...bases.map((basis) => spread[basis][1]), 1)];
    sum.seconds += seconds;
    sum.low += seconds * low;
    sum.high += seconds * high;
  }
  return { seconds: round(sum.seconds), low: round(sum.low), high: round(sum.high) };
}

// How long a plan will take: waves one after another, the systems of a wave side by side, each at the slower of its rate and its latency.
import type { SystemSpec } from '../estate/estate.ts';
import type { ConnectorFacts } from './judge.ts';
import type { MeasuredPace } from './port.ts';

/** NEW, NONSENSE, OLD, NEW: one ceremony of controls per cell. */
const probesPerCell = 4;
/** Gates, checkpoints and the reconciler between waves. */
const secondsPerWave = 2;
/** A declared pace is a guess: half as long to more than twice. A measured one varies with the target's load. */
const spread = { declared: [0.5, 2.5], measured: [0.8, 1.5] } as const;

export type SystemPace = { readonly secondsPerItem: number; readonly floor: number; readonly measured: boolean };

export function paceOf(spec: SystemSpec, connector: ConnectorFacts, measured: MeasuredPace): SystemPace {
  const { pace } = connector;
  const cells = measured.cells ?? 1 + spec.paths.length;
  const setMs = measured.setMs ?? pace.setMs;
  const probeMs = measured.probeMs ?? pace.probeMs;
  const concurrency = Math.max(1, Math.min(measured.concurrency ?? pace.concurrency, spec.limits.concurrency ?? Number.POSITIVE_INFINITY));
  const perSecond = Math.max(0.01, Math.min(measured.perSecond ?? pace.perSecond, spec.limits.perSecond ?? Number.POSITIVE_INFINITY));
  const oneItem = (setMs + cells * probesPerCell * probeMs) / 1000;
  return {
    secondsPerItem: Math.max(oneItem / concurrency, (1 + cells * probesPerCell) / perSecond),
    floor: oneItem,
    measured: measured.setMs !== undefined && measured.probeMs !== undefined,
  };
}

export function secondsFor(items: number, pace: SystemPace): number {
  return items === 0 ? 0 : Math.max(pace.floor, items * pace.secondsPerItem);
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

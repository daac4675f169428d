// Where in the order an account stands, as one number: canary, then tiers 0 to 3, then what must stay usable longest.
// Tier 0 takes its people before its services, as identity recovery does; every other tier takes services first. A tier ends with its tasks for people.
import { mostOrders } from '../domain/by-hand.ts';
import type { Mode } from '../domain/run.ts';
import type { AccountSnapshot } from './port.ts';

export const canaryRank = 0;
/** Twenty bits of dependency level: deeper chains share the last one. The levels behind them are the tasks for people, in their order. */
const levels = 2 ** 20;
const firstTask = levels - 64;

const lastTags = ['break-glass', 'breakglass', 'sync'];
const breakGlassTags = ['break-glass', 'breakglass'];
const peopleKinds = ['human', 'vendor'];
const consumedKinds = ['service', 'application', 'agent'];

export function isBreakGlass(account: AccountSnapshot): boolean {
  return account.tags.some((tag) => breakGlassTags.includes(tag));
}
/** Break-glass and directory-sync accounts: nobody loses the last way in, or the sync, half-way through. */
export function goesLast(account: AccountSnapshot): boolean {
  return account.tags.some((tag) => lastTags.includes(tag));
}
/** Workloads read these accounts' secrets from somewhere; without a mapped consumer nobody knows where. */
export function hasConsumers(account: Pick<AccountSnapshot, 'kind'>): boolean {
  return consumedKinds.includes(account.kind);
}

/** An account that is known to be somebody's is a person's, whatever its kind was taken for. */
export function isPerson(account: Pick<AccountSnapshot, 'kind' | 'person'>): boolean {
  return peopleKinds.includes(account.kind) || account.person !== null;
}

export function rankOf(account: AccountSnapshot, mode: Mode): number {
  const modeBit = mode === 'contain' ? 0 : 1;
  if (goesLast(account)) return 2 * 4 * 2 * levels * 2 + modeBit;
  const people = isPerson(account);
  const second = account.tier === 0 ? !people : people;
  return ((4 + account.tier) * 2 + (second ? 1 : 0)) * levels * 2 + modeBit;
}

export function atLevel(rank: number, level: number): number {
  return rank + 2 * Math.min(level, firstTask - 1);
}

/** After everything of its tier that Rekey does itself. */
export function taskRank(account: AccountSnapshot, order: number, mode: Mode): number {
  return endOfTier(account, firstTask + Math.min(order, mostOrders), mode);
}

/** The last of its tier: what it seals is used by everything before it. */
export function keyRank(account: AccountSnapshot, mode: Mode): number {
  return endOfTier(account, levels - 1, mode);
}

function endOfTier({ tier }: AccountSnapshot, level: number, mode: Mode): number {
  return (((4 + tier) * 2 + 1) * levels + level) * 2 + (mode === 'contain' ? 0 : 1);
}

/** Tasks, and keys with generations: no samples, no canaries, no dependencies. */
export function isTask(rank: number): boolean {
  return rank > 0 && Math.floor(rank / 2) % levels >= firstTask;
}

export type WaveKind = { readonly rank: number; readonly mode: Mode; readonly group: string; readonly level: number };

export function readRank(rank: number, asked: Mode): WaveKind {
  if (rank === canaryRank) return { rank, mode: asked, group: 'canary', level: 0 };
  const mode = rank % 2 === 0 ? 'contain' : 'continuity';
  const level = Math.floor(rank / 2) % levels;
  const place = Math.floor(rank / 2 / levels);
  if (place >= 16) return { rank, mode, group: 'break-glass and sync', level };
  const tier = Math.floor(place / 2) - 4;
  if (level === levels - 1) return { rank, mode, group: `tier ${tier} ticket keys`, level };
  if (isTask(rank)) return { rank, mode, group: `tier ${tier} by hand`, level };
  const second = place % 2 === 1;
  const people = tier === 0 ? !second : second;
  return { rank, mode, group: `tier ${tier} ${people ? 'people' : 'services'}`, level };
}

/** `tier 1 services 2 of 3 (contain)`: the step where there are several, the mode where it is not the one asked for. */
export function waveNames(waves: readonly WaveKind[], asked: Mode): string[] {
  const steps = new Map<string, Set<number>>();
  for (const { group, level } of waves) steps.set(group, (steps.get(group) ?? new Set()).add(level));
  return waves.map(({ group, level, mode }) => {
    const all = [...(steps.get(group) ?? [])].sort((a, b) => a - b);
    const step = all.length > 1 ? ` ${all.indexOf(level) + 1} of ${all.length}` : '';
    return `${group}${step}${mode === asked ? '' : ` (${mode})`}`;
  });
}

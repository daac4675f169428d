// One item as the plan says it: a canonical JSON line that holds everything its approval covers, and the fingerprint of the rows behind it.
import type { Kind } from '../domain/account.ts';
import { canonical } from '../domain/json.ts';
import type { Mode } from '../domain/run.ts';
import type { Strategy } from '../domain/strategy.ts';
import type { PlanItemView } from '../domain/view.ts';
import { sha256 } from './header.ts';
import type { FullSnapshot } from './port.ts';

export type Action = PlanItemView['action'];

export type PlanItem = {
  readonly seq: number;
  readonly wave: number;
  readonly key: number;
  readonly system: string;
  readonly id: string;
  readonly account: string;
  readonly action: Action;
  readonly reason: string | null;
  readonly strategy: Strategy | null;
  /** What a person has to do; `mark`: what the target showed of it when it was discovered. */
  readonly byHand: string | null;
  readonly mark: string | null;
  readonly mode: Mode;
  readonly canary: boolean;
  readonly tier: number;
  readonly kind: Kind;
  readonly owner: string | null;
  readonly enabled: boolean;
  readonly gone: boolean;
  readonly exposed: boolean;
  readonly shared: boolean;
  readonly privileged: boolean;
  readonly managed: string;
  readonly tags: readonly string[];
  readonly consumers: number;
  readonly oldKnown: boolean;
  readonly person: string | null;
  /** The sync group whose shared value it gets. */
  readonly sync: string | null;
  readonly fingerprint: string;
};

export function itemLine(item: PlanItem): string {
  return canonical(item);
}

export function readItemLine(line: string): PlanItem {
  return JSON.parse(line) as PlanItem; // callers check the digest over lines that itemLine wrote
}

/** 96 bits over what an approval depends on: enough that no change goes unseen, short enough for a million lines. */
export function fingerprintOf(account: FullSnapshot, specHash: string): string {
  const text = canonical([
    account.system,
    account.id,
    [...account.owners].sort(),
    account.identity,
    account.kind,
    account.tier,
    account.managed,
    [...account.tags].sort(),
    [account.enabled, account.gone, account.exposed, account.shared, account.privileged, account.own, account.oldKnown],
    account.consumers,
    account.byHand?.instruction ?? null,
    [account.person, account.personWhy],
    specHash,
  ]);
  return sha256(text).slice(0, 24);
}

// The second pass: reads each account in the plan's order, writes its line, and counts what the header will say. Flat in memory.
import type { KeyFacts } from '../domain/key-facts.ts';
import type { Mode } from '../domain/run.ts';
import type { PlanView } from '../domain/view.ts';
import { ItemDigest } from './header.ts';
import { fingerprintOf, itemLine, type PlanItem } from './item-line.ts';
import { type BlockReason, blockedHints, type JudgedSystem, type Judgement, judge, modeOf, ownerOf, whyNot } from './judge.ts';
import type { FullSnapshot, PlanDraft, PlanItemRow } from './port.ts';
import { hasConsumers } from './rank.ts';
import { Reasons } from './reasons.ts';
import type { Selected } from './selected.ts';
import { sharesValue } from './sync-part.ts';
import type { Sequence } from './waves.ts';

/** Lines per insert: beyond this, larger batches gain under a quarter (measured) and hold more memory. */
const batchSize = 2000;
const byHandHint = 'not covered until its owner signs: do what the plan says of it, then rekey run sign-off RUN SYSTEM/ACCOUNT';

export type WriteRequest = {
  readonly plan: string;
  readonly mode: Mode;
  readonly systems: readonly JudgedSystem[];
  readonly disabledOwners: ReadonlySet<string>;
  readonly canaries: ReadonlySet<number>;
  /** Break-glass accounts held back as the last of their system. */
  readonly held: ReadonlySet<number>;
  /** Names of the people who make and approve plans: resetting them is worth a warning. */
  readonly operators: ReadonlySet<string>;
};
/** A key with generations, and the mode its wave has. */
export type TurnedKey = KeyFacts & { readonly label: string; readonly mode: Mode };
export type Written = {
  readonly items: { count: number; digest: string };
  readonly totals: PlanView['totals'];
  readonly blockers: Reasons;
  readonly notCovered: Reasons;
  readonly operators: readonly string[];
  /** Rotated items per wave number and system index. */
  readonly loads: ReadonlyMap<number, ReadonlyMap<number, number>>;
  /** Tasks for people per wave number. */
  readonly tasks: ReadonlyMap<number, number>;
  readonly keys: readonly TurnedKey[];
  /** Accounts that get a shared value, by sync group; and the waves of each system, without the sample of wave 0. */
  readonly shared: ReadonlyMap<string, { readonly accounts: number; readonly waves: ReadonlyMap<string, ReadonlySet<number>> }>;
  /** Rotated accounts of synchronised systems that belong to nobody known: each gets a value of its own. */
  readonly alone: number;
};

export async function writeItems(draft: PlanDraft, request: WriteRequest, selected: Selected, sequence: Sequence): Promise<Written> {
  const tally = new Tally(request);
  for (let from = 0; from < sequence.order.length; from += batchSize) {
    const indices = sequence.order.subarray(from, from + batchSize);
    const rows = new Map<number, FullSnapshot>();
    for (const row of await draft.accounts(Array.from(indices, (i) => selected.keys[i]!))) rows.set(row.key, row);
    const batch: PlanItemRow[] = [];
    indices.forEach((index, offset) => {
      const account = rows.get(selected.keys[index]!);
      if (account === undefined) throw new Error('an account left the snapshot it was read from');
      batch.push(tally.item(account, selected.systems[index]!, sequence.waveOf[index]!, from + offset));
    });
    await draft.add(request.plan, batch);
  }
  return tally.end();
}

class Tally {
  readonly #request: WriteRequest;
  readonly #digest = new ItemDigest();
  readonly #blockers = new Reasons();
  readonly #notCovered = new Reasons();
  readonly #operators = new Set<string>();
  readonly #loads = new Map<number, Map<number, number>>();
  readonly #keys: TurnedKey[] = [];
  readonly #tasks = new Map<number, number>();
  readonly #shared = new Map<string, { accounts: number; readonly waves: Map<string, Set<number>> }>();
  #alone = 0;
  readonly #totals = {
    selected: 0,
    rotate: 0,
    contain: 0,
    byHand: 0,
    blocked: 0,
    skipped: 0,
    tier0: 0,
    consumers: 0,
    unknownConsumers: 0,
    oldKnown: 0,
  };

  constructor(request: WriteRequest) {
    this.#request = request;
  }

  item(account: FullSnapshot, place: number, wave: number, seq: number): PlanItemRow {
    const { systems, mode, disabledOwners, canaries, held } = this.#request;
    const system = systems[place];
    const canary = canaries.has(account.key);
    const judgement: Judgement = held.has(account.key)
      ? { action: 'blocked', reason: 'last-break-glass', strategy: null }
      : judge(account, system, disabledOwners, canary, canary ? mode : modeOf(account, mode));
    const fingerprint = fingerprintOf(account, system?.spec.specHash ?? '');
    const sync =
      !canary && judgement.action === 'rotate' && sharesValue(account, system?.sync, judgement.strategy)
        ? (system?.sync?.group.name ?? null)
        : null;
    const line = itemLine(
      itemOf(account, system, judgement, { seq, wave, canary, fingerprint, sync, mode: canary ? mode : modeOf(account, mode) }),
    );
    this.#digest.add(line);
    this.#count(account, place, wave, judgement);
    if (sync !== null) this.#share(sync, account.system, wave);
    else if (judgement.action === 'rotate' && !canary && system?.sync?.takes === 'value') this.#alone++;
    return { seq, wave, account: account.key, system: account.system, action: judgement.action, canary, line, fingerprint };
  }

  #share(group: string, system: string, wave: number): void {
    const shared = this.#shared.get(group) ?? { accounts: 0, waves: new Map<string, Set<number>>() };
    shared.accounts++;
    if (wave > 0) shared.waves.set(system, (shared.waves.get(system) ?? new Set()).add(wave));
    this.#shared.set(group, shared);
  }

  #count(account: FullSnapshot, place: number, wave: number, { action, reason, strategy }: Judgement): void {
    const totals = this.#totals;
    const label = `${account.system}/${account.name}`;
    const system = this.#request.systems[place];
    totals.selected++;
    totals[action === 'skip' ? 'skipped' : action === 'by-hand' ? 'byHand' : action]++;
    // Judge gives its own reasons only.
    const known = reason as BlockReason | null;
    if (action === 'blocked' && known !== null) {
      const why =
        known === 'connector-cannot' ? `${blockedHints[known]} (${whyNot(system?.connector?.supports.setSecret)})` : blockedHints[known];
      const hindered = system?.sync?.group.hindered;
      if (known === hindered?.reason) this.#blockers.add(known, `${hindered.why} (sync group ${system?.sync?.group.name}): ${why}`, label);
      else this.#blockers.add(known, why, known === 'person-ambiguous' ? `${label}: ${account.personWhy}` : label);
    }
    if (action === 'skip' && known !== null) this.#notCovered.add(known, blockedHints[known], label);
    if (action === 'by-hand') {
      this.#notCovered.add('by-hand', byHandHint, label);
      this.#tasks.set(wave, (this.#tasks.get(wave) ?? 0) + 1);
    }
    if (action === 'contain') {
      this.#notCovered.add(
        'contained-only',
        `the target cannot set this secret (${whyNot(system?.connector?.supports.setSecret)}): the account needs another control, with an owner and an end`,
        label,
      );
    }
    if (action !== 'rotate') return;
    if (account.tier === 0) totals.tier0++;
    totals.consumers += account.consumers.length;
    if (strategy === 'generations') {
      if (account.generations !== null) this.#keys.push({ ...account.generations, label, mode: modeOf(account, this.#request.mode) });
    } else if (account.oldKnown) totals.oldKnown++;
    else
      this.#notCovered.add(
        'old-secret-unknown',
        'nobody holds the old value, so no probe can try it: its death is shown by the target’s record and a canary',
        label,
      );
    if (strategy !== 'generations' && hasConsumers(account) && account.consumers.length === 0) {
      totals.unknownConsumers++;
      this.#notCovered.add(
        'unknown-consumers',
        'nobody said what uses this secret, and that will stop working: rekey import consumers FILE',
        label,
      );
    }
    for (const attribute of account.otherSecrets) {
      this.#notCovered.add(
        'other-secrets',
        'the account holds other secrets, which this plan leaves as they are: reset them by hand',
        `${label}: ${attribute}`,
      );
    }
    for (const name of [account.name, account.login, account.identity]) {
      if (name !== null && this.#request.operators.has(name)) this.#operators.add(`${name} (${label})`);
    }
    const load = this.#loads.get(wave) ?? new Map<number, number>();
    this.#loads.set(wave, load.set(place, (load.get(place) ?? 0) + 1));
  }

  end(): Written {
    return {
      items: this.#digest.end(),
      totals: this.#totals,
      blockers: this.#blockers,
      notCovered: this.#notCovered,
      operators: [...this.#operators],
      loads: this.#loads,
      tasks: this.#tasks,
      keys: this.#keys,
      shared: this.#shared,
      alone: this.#alone,
    };
  }
}

type Placed = Pick<PlanItem, 'seq' | 'wave' | 'canary' | 'fingerprint' | 'mode' | 'sync'>;

function itemOf(
  account: FullSnapshot,
  system: JudgedSystem | undefined,
  { action, reason, strategy }: Judgement,
  placed: Placed,
): PlanItem {
  return {
    ...placed,
    key: account.key,
    system: account.system,
    id: account.id,
    account: account.name,
    action,
    reason,
    strategy,
    byHand: strategy === 'by-hand' ? (account.byHand?.instruction ?? null) : null,
    mark: strategy === 'by-hand' ? (account.byHand?.mark ?? null) : null,
    tier: account.tier,
    kind: account.kind,
    owner: ownerOf(account, system?.spec),
    enabled: account.enabled,
    gone: account.gone,
    exposed: account.exposed,
    shared: account.shared,
    privileged: account.privileged,
    managed: account.managed,
    tags: account.tags,
    consumers: account.consumers.length,
    oldKnown: account.oldKnown,
    person: account.person,
  };
}

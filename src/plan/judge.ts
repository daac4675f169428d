// What a plan does with one account, and why not more: the only place where an account is blocked or skipped. Offline, from snapshots alone.

import type { Mode } from '../domain/run.ts';
import { type Strategy, strategyOf } from '../domain/strategy.ts';
import type { SystemSpec } from '../estate/estate.ts';
import type { Capability } from '../kit/capability.ts';
import type { Connector, Support } from '../kit/connector.ts';
import type { Action } from './item-line.ts';
import type { AccountSnapshot } from './port.ts';
import { type SystemSync, syncBlock } from './sync-part.ts';

/** What planning may know of a connector: its offline answers. */
export type ConnectorFacts = Pick<Connector, 'id' | 'role' | 'supports' | 'derivatives' | 'pace'> & {
  /** Whether it turns keys with generations, for this block. */
  readonly generations?: Support;
};
/** `sync`: the group whose shared value its accounts of known people get. */
export type JudgedSystem = { readonly spec: SystemSpec; readonly connector: ConnectorFacts | undefined; readonly sync?: SystemSync };
export type Judgement = { readonly action: Action; readonly reason: string | null; readonly strategy: Strategy | null };

export const blockedHints = {
  'no-owner': 'name an owner: rekey import owners FILE, or owner: on the system in rekey.yaml',
  'two-owners': 'leave one owner: rekey import owners FILE',
  'owner-disabled': 'every account of the owner is disabled: name someone who is there with rekey import owners FILE',
  shared: 'give each person an account of their own, or tag it shared-ok with rekey import owners FILE once its users know',
  'own-credential': 'Rekey works with this account: change it by hand after the run, then its reference in rekey.yaml',
  'last-break-glass': 'never the last way in: rotate it in a plan of its own once the others are proved',
  'canary-disabled': 'enable the canary account, or name another one in rekey.yaml',
  'canary-unknown': 'rekey discover --system ID, or correct canary.account in rekey.yaml',
  'system-not-in-estate': 'add the system to rekey.yaml again, or discover without it',
  'connector-unknown': 'correct connector: in rekey.yaml; rekey doctor lists what is known',
  'connector-cannot': 'reset it by hand and record an exception; the connector page says why',
  'no-probe-path': 'nothing could show the old secret dead: add a path with a probe in rekey.yaml',
  'person-ambiguous': 'say whose each of them is: rekey import people FILE, or mend the attributes and discover again',
  'sync-policies': 'mend one of the two, or take a system out of the group in rekey.yaml',
  'sync-policy-unread': 'the shared value must fit it: rekey discover --system ID',
  gone: 'rekey discover did not see it any more; if it is back, discover again',
  disabled: 'the old secret works again when somebody enables the account: reset it then, or delete it',
} as const;
/** Somebody answers for a shared account's reset: the tag says that its users were told. */
const sharedApproved = 'shared-ok';
export type BlockReason = keyof typeof blockedHints;

export function supports(system: JudgedSystem, capability: Capability): boolean {
  return system.connector?.supports[capability] === true;
}

/** Why a connector lacks a capability, in its own words. */
export function whyNot(support: Support | undefined): string {
  if (support === undefined || support === true) return 'not declared';
  return 'cannot' in support ? support.cannot : `planned: ${support.planned}`;
}

/** Who answers for the account: declared, or the system's default. */
export function ownerOf(account: AccountSnapshot, spec: SystemSpec | undefined): string | null {
  if (account.owners.length > 1) return null;
  return account.owners[0] ?? spec?.owner ?? null;
}

export function modeOf(account: AccountSnapshot, asked: Mode): Mode {
  if (account.tags.includes('contain')) return 'contain';
  return account.tags.includes('continuity') ? 'continuity' : asked;
}

const blocked = (reason: BlockReason): Judgement => ({ action: 'blocked', reason, strategy: null });
const byHand: Judgement = { action: 'by-hand', reason: null, strategy: 'by-hand' };
const turned: Judgement = { action: 'rotate', reason: null, strategy: 'generations' };
const skip = (reason: BlockReason): Judgement => ({ action: 'skip', reason, strategy: null });

export function judge(
  account: AccountSnapshot,
  system: JudgedSystem | undefined,
  disabledOwners: ReadonlySet<string>,
  isCanary: boolean,
  mode: Mode,
): Judgement {
  if (account.gone) return skip('gone');
  if (system === undefined) return blocked('system-not-in-estate');
  if (isCanary) return account.enabled ? judgeSystem(system, mode) : blocked('canary-disabled');
  if (!account.enabled) return skip('disabled');
  if (account.own) return blocked('own-credential');
  if ((account.shared || account.kind === 'shared') && !account.tags.includes(sharedApproved)) return blocked('shared');
  if (account.owners.length > 1) return blocked('two-owners');
  const owner = ownerOf(account, system.spec);
  if (owner === null) return blocked('no-owner');
  if (disabledOwners.has(owner)) return blocked('owner-disabled');
  if (account.generations !== null && system.connector?.generations === true) return turned;
  if (account.byHand !== null) return byHand;
  const asked = judgeSystem(system, mode);
  const hindered = syncBlock(account, system.sync, asked.strategy);
  return hindered === undefined ? asked : blocked(hindered);
}

function judgeSystem(system: JudgedSystem, mode: Mode): Judgement {
  if (system.connector === undefined) return blocked('connector-unknown');
  const strategy = strategyOf((capability) => supports(system, capability), mode);
  if (strategy === undefined) return blocked('connector-cannot');
  if (strategy === 'contain') return { action: 'contain', reason: 'connector-cannot', strategy };
  if (!supports(system, 'probe') && system.spec.paths.length === 0) return blocked('no-probe-path');
  return { action: 'rotate', reason: null, strategy };
}

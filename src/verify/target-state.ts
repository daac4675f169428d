// The target's own word: on this replica, was the secret set at or after the change, and is it the only one?
import type { AccountRef, AccountState } from '../kit/capability.ts';
import { type Connection, can } from '../kit/connector.ts';
import type { Outcome } from '../kit/outcome.ts';

/** Makes a read under the system's pace. */
export type PacedRead = <T>(read: () => Promise<Outcome<T>>) => Promise<Outcome<T>>;

export type StateFinding =
  | { readonly kind: 'changed'; readonly state: AccountState }
  | { readonly kind: 'lagging'; readonly why: string }
  | { readonly kind: 'second-value'; readonly why: string }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Targets stamp in whole seconds; a stamp of the second of the change counts as the change. */
const grainMs = 1000;

/** `primary`: the state read on the replica that was written; any other must carry the same marker before a login is tried there. */
export async function stateOn(
  connection: Connection,
  account: AccountRef,
  at: { readonly replica: string; readonly appliedAt: Date; readonly primary: AccountState | undefined; readonly read: PacedRead },
): Promise<StateFinding> {
  if (!can(connection, 'state')) return { kind: 'unreadable', why: 'the target keeps no record of changes' };
  const { replica, appliedAt, primary } = at;
  const { state } = connection;
  const read = await at.read(() => state.read(account, replica));
  if (read.kind !== 'done') {
    return read.fault.code === 'not-found'
      ? { kind: 'lagging', why: `${replica} does not know the account yet` }
      : { kind: 'unreadable', why: read.fault.message };
  }
  const { changedAt, values, marker } = read.value;
  if (primary !== undefined && marker !== primary.marker) return { kind: 'lagging', why: `${replica} has not received the change yet` };
  if (values !== undefined && values > 1) return { kind: 'second-value', why: `${values} secrets are stored: one of them is not ours` };
  if (changedAt === undefined) return { kind: 'unreadable', why: 'the target does not say when the secret was set' };
  if (changedAt.getTime() < appliedAt.getTime() - grainMs)
    return { kind: 'lagging', why: `${replica} still shows the secret of ${changedAt.toISOString()}` };
  return { kind: 'changed', state: read.value };
}

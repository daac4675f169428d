// One row of the contract: a promise every connector with these capabilities keeps.

import type { ContractFixture, Rig, Situation } from '../../src/kit/contract.ts';
import type { Capability, Connection, Connector, ConsumerRef, Probed, Secret } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';

/** `abort` aborts the connection's signal. */
export type Stage = { readonly rig: Rig; readonly connector: Connector; abort(): void };

export type Row = {
  readonly name: string;
  readonly requires: readonly Capability[];
  readonly situation: Situation;
  run(stage: Stage): Promise<void>;
};

/** A row about the declaration alone: nothing is opened. */
export type Declared = Pick<ContractFixture, 'connector' | 'badConfig'>;
export type OfflineRow = { readonly name: string; run(declared: Declared): void | Promise<void> };

/** Values of rows hold this, so that a leak is found by looking for it. All four classes, 24 characters: within every usual policy. */
export const canaryText = 'Zq7canary-xK';
export const newText = (rig: Rig): string => rig.values?.fresh ?? `${canaryText}4wPd2-n3w`;
export const newSecret = (rig: Rig): Secret => secretOf('v1', newText(rig));
export const nonsense = (rig: Rig): Secret => secretOf('nonsense', rig.values?.nonsense ?? `${canaryText}-n0ns3ns3`);
export const oldSecret = (rig: Rig): Secret => secretOf('v0', rig.old);

/** The capability, which the row's `requires` promises. */
export function the<K extends Capability>(connection: Connection, capability: K): NonNullable<Connection[K]> {
  const found = connection[capability];
  if (found === undefined) throw new Error(`the connection lacks ${capability}, which its connector declares`);
  return found as NonNullable<Connection[K]>; // TypeScript does not narrow an indexed optional member of a generic key
}

export function consumerOf(rig: Rig): ConsumerRef {
  if (rig.consumer === undefined) throw new Error('a rig of a store needs a consumer');
  return rig.consumer;
}

/** Logs in on the first path of a replica (the first one, when none is named). */
export async function login(rig: Rig, secret: Secret, replica?: string): Promise<Probed> {
  const probe = the(rig.connection, 'probe');
  const places = await probe.paths();
  const where = places.find((place) => replica === undefined || place.replica === replica);
  if (where === undefined) throw new Error('the connector names no path to probe');
  return probe.attempt(rig.account, secret, where);
}

export async function set(rig: Rig, secret: Secret = newSecret(rig)): ReturnType<NonNullable<Connection['setSecret']>['set']> {
  return the(rig.connection, 'setSecret').set(rig.account, secret);
}

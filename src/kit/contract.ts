// What a connector's folder offers to the contract suite: how to open it against a simulator, in each situation it must survive.
import type { AccountRef, ConsumerRef } from './capability.ts';
import type { Connection, Connector, Io } from './connector.ts';

/**
 * plain: all is well · reply-lost: a write is applied, its answer is lost · request-lost: a write never arrives and nobody can tell ·
 * policy: the target refuses the value · throttled: the target asks to wait · unreachable: nothing listens · slow: no answer for 20 s ·
 * lockable: three wrong logins lock the account · accept-any: any value opens the account · second-value: after a write (and `happen`) the old value is stored beside the new ·
 * lagging: `lagging` names a replica that is behind · resurrecting: `happen` brings the value before the last back · sessions: one is open on the
 * account · dual: two slots. For a store: missing: the consumer's place is not there.
 */
export const situations = [
  'plain',
  'reply-lost',
  'request-lost',
  'policy',
  'throttled',
  'unreachable',
  'slow',
  'lockable',
  'accept-any',
  'second-value',
  'lagging',
  'resurrecting',
  'sessions',
  'dual',
  'missing',
] as const;
export type Situation = (typeof situations)[number];

/** One account (or one consumer) of a target in one situation, with the connector opened on it. */
export type Rig = {
  readonly connection: Connection;
  readonly account: AccountRef;
  readonly consumer?: ConsumerRef;
  /** The secret the account holds now. */
  readonly old: string;
  /** Where secrets are no passwords (`secretForm`): a value to set and one the target never saw. */
  readonly values?: { readonly fresh: string; readonly nonsense: string };
  /** Asks the target itself, past the connector: would it take this value (a store: does it hold it)? */
  accepts(text: string): boolean | Promise<boolean>;
  readonly lagging?: string;
  /** What the situation is named for, where it has a moment of its own. */
  happen?(): void | Promise<void>;
  close?(): void | Promise<void>;
};

/** What the suite gives a fixture: the host side of a connection, and a folder that is removed afterwards. */
export type Bench = { io(system: string): Io; folder(): string };

export type ContractFixture = {
  readonly connector: Connector;
  /** A config the parser must refuse, and the field it must name. */
  readonly badConfig: { readonly config: unknown; readonly field: string };
  /** A situation left out skips its rows, and the suite says so. `plain` is required. */
  readonly situations: { readonly plain: (bench: Bench) => Promise<Rig> } & { readonly [S in Situation]?: (bench: Bench) => Promise<Rig> };
};

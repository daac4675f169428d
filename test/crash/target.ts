// What a sweep must know of a connector: accounts on its target, how a fresh worker opens it, and how to ask the target itself.
import type { Connection, Io } from '../../src/kit/connector.ts';
import type { AccountRef } from '../../src/kit/kit.ts';

export type Reach = Pick<Io, 'system' | 'timeoutMs' | 'signal'>;
type Address = { readonly host: string; readonly port: number };

export type CrashAccount = { readonly ref: Omit<AccountRef, 'system'>; readonly old: string };

/** A target with accounts. */
export type CrashTarget = {
  /** Each point takes one of its own. */
  readonly accounts: readonly CrashAccount[];
  /** Opened anew for every worker; `at`: a proxy in front of the target. */
  open(reach: Reach, at?: Address): Promise<Connection>;
  /** A login past the connector. */
  accepts(account: CrashAccount, text: string): boolean | Promise<boolean>;
  /** Where a proxy that loses answers may stand; left out: the connector speaks to a file, or several addresses. */
  readonly behind?: Address;
  /** How many calls the target takes at a time. */
  readonly atOnce?: number;
  /** At how many points it is swept at most, where one reset takes long. */
  readonly most?: number;
  stop(): Promise<void>;
};

/** A target that consumers read from: one place for each point. */
export type CrashStore = {
  /** Makes a place that holds the value, and names it. */
  place(old: string): Promise<{ readonly ref: string; readonly health?: string }>;
  open(reach: Reach, at?: Address): Promise<Connection>;
  /** Read past the connector. */
  holds(ref: string, text: string): boolean | Promise<boolean>;
  readonly behind?: Address;
  stop(): Promise<void>;
};

/** Several forms of one connector (an API that mints, an API that is told) are several targets. */
export type Start<T> = (accounts: number) => Promise<T>;

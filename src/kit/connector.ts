// What a connector declares and how it is opened. Declared but missing, or called but unsupported, does not compile.
import type { Capabilities, Capability } from './capability.ts';
import type { KeyGenerations } from './generations.ts';
import type { Secret, SecretRef } from './secret.ts';

/** Answerable offline, without a connection: planning never connects. */
export type Support = true | { readonly cannot: string; readonly link?: string } | { readonly planned: string };

/** All a connector may reach of its host. Every call to a target must end within `timeoutMs` or when `signal` aborts. */
export interface Io {
  readonly system: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  now(): Date;
  resolve(ref: SecretRef): Promise<Secret>;
  /** Path of a file named in the estate file, relative to it. */
  path(relative: string): string;
}

/** A zod schema or any parser with this shape; `~json` feeds the published JSON Schema. */
export interface Parser<T> {
  parse(input: unknown): T;
}

/** What outlives a change of the secret, one row per thing, for the page "what a reset does not kill". */
export type Derivative = { readonly what: string; readonly killedBy: string; readonly residual: string };

type Able<S extends Record<Capability, Support>> = { [K in Capability]: S[K] extends true ? K : never }[Capability];

export interface Connector<Cfg = unknown, S extends Record<Capability, Support> = Record<Capability, Support>> {
  /** kebab, permanent. */
  readonly id: string;
  readonly title: string;
  /** It has accounts ("system"), is only a place consumers read from ("store"), or only a way to log in to accounts another system holds ("path"). */
  readonly role: 'system' | 'store' | 'path';
  readonly config: Parser<Cfg>;
  readonly supports: S;
  /** Where the block of the estate file decides what it can do (an API described there): the answers for that block. `supports` is then the most there can be. */
  supportsFor?(config: Cfg): Record<Capability, Support>;
  /** Whether it turns keys with generations, for this block; left out: it has none. */
  generationsFor?(config: Cfg): Support;
  /** Least privilege, per capability, in the target's own words. */
  readonly permissions: Partial<Record<Capability, readonly string[]>>;
  readonly derivatives: readonly Derivative[];
  /** Budgets the planner assumes until it has measured: operations per second and milliseconds of one set and one probe. */
  readonly pace: { readonly perSecond: number; readonly concurrency: number; readonly setMs: number; readonly probeMs: number };
  open(config: Cfg, io: Io): Promise<Pick<Capabilities, Able<S>> & { readonly generations?: KeyGenerations } & AsyncDisposable>;
}

export function defineConnector<Cfg, const S extends Record<Capability, Support>>(connector: Connector<Cfg, S>): Connector<Cfg, S> {
  return connector;
}

/** An open connection as the engine holds it: any capability may be absent. */
export type Connection = Partial<Capabilities> & { readonly generations?: KeyGenerations } & AsyncDisposable;

/** True (and narrowed) when the open connection has the capability. */
export function can<K extends Capability>(connection: Connection, capability: K): connection is Connection & Pick<Capabilities, K> {
  return connection[capability] !== undefined;
}

// What the inventory needs of the store and of the seal. src/store implements the first, app.ts hands in the second.
import type { Kind, Managed, Tier } from '../domain/account.ts';
import type { ConsumerState } from '../domain/consumer.ts';
import type { Json } from '../domain/json.ts';
import type { AccountRunView } from '../domain/view.ts';
import type { Connector } from '../kit/connector.ts';

export type SystemRow = {
  readonly id: string;
  readonly connector: string;
  /** `removed`: no longer in the estate file; its accounts stay in the inventory. */
  readonly role: Connector['role'] | 'removed';
  readonly tier: Tier;
  readonly owner: string | null;
  readonly spec: string;
  readonly canary: string | null;
};
type PerPath<T> = { readonly [path: string]: T };
export interface Systems {
  /** Makes the table say what the estate file says; accounts follow a changed default owner or tier. */
  sync(rows: readonly SystemRow[]): Promise<void>;
  list(): Promise<readonly SystemRow[]>;
  /** How many replicas each path of its accounts has, and what a login of nobody took there, where one was timed; for predictions. */
  counted(system: string, cells: PerPath<number>, logins: PerPath<{ readonly ms: number; readonly refused: boolean }>): Promise<void>;
}

/** One account as a page of discovery found it. `hint`: the target's own idea of its owner. */
export type FoundRow = {
  readonly id: string;
  readonly name: string;
  readonly locator: string | null;
  readonly login: string | null;
  readonly kind: Kind;
  readonly managed: Managed;
  readonly shared: boolean;
  readonly privileged: boolean;
  readonly enabled: boolean;
  readonly hint: string | null;
  readonly changedAt: Date | null;
  readonly facts: { readonly [key: string]: Json };
};
export interface Discoveries {
  /** Goes on where an unfinished discovery (younger than a day) stopped, or begins a new one. */
  begin(system: string): Promise<{ readonly cursor: string | null; readonly found: number }>;
  /** Forgets the cursor: the target does not know it any more. What was already seen stays seen. */
  rewind(system: string): Promise<void>;
  /** Rows and the cursor behind them, together: a crash repeats a page, it never skips one. */
  page(system: string, rows: readonly FoundRow[], cursor: string | null): Promise<void>;
  /** How many accounts the inventory holds that this discovery has not seen, and how many it has. */
  unseen(system: string): Promise<{ readonly unseen: number; readonly seen: number }>;
  /** What the target demands of passwords; null = it states nothing. */
  policy(system: string, policy: Json): Promise<void>;
  /** Ends the discovery. `sweep`: what it did not see is gone. Returns how many went. */
  finish(system: string, sweep: boolean): Promise<number>;
}

export type Reference = { readonly system: string; readonly account: string };
/** Keys of the accounts a reference names: one is an answer, none or several are not. */
export type Match = readonly string[];
/** `first`: the value sorted by, where that is not the system. */
export type Position = readonly [system: string, name: string, key: string, first?: string];
export type Order = { readonly by: 'account' | 'tier' | 'kind' | 'owner' | 'changed'; readonly descending: boolean };
export type AccountRow = {
  readonly key: string;
  readonly system: string;
  readonly id: string;
  readonly name: string;
  readonly identity: string | null;
  readonly kind: Kind;
  readonly owners: readonly string[];
  readonly managed: Managed;
  readonly tier: number;
  readonly tags: readonly string[];
  readonly privileged: boolean;
  readonly shared: boolean;
  readonly enabled: boolean;
  readonly exposed: boolean;
  readonly gone: boolean;
  readonly person: string | null;
  /** Why it cannot be told whose account it is. */
  readonly personWhy: string | null;
  readonly changedAt: Date | null;
  readonly version: number;
  /** The one owner's own accounts exist and every one of them is disabled or gone. */
  readonly ownerDisabled: boolean;
  readonly consumers: readonly {
    readonly consumer: string;
    readonly store: string;
    readonly ref: string;
    readonly owner: string | null;
    readonly state: ConsumerState;
  }[];
};
export type Condition = { readonly sql: string; readonly params: readonly unknown[] };
export interface Accounts {
  /** Matches by name, login, id or locator; names of the LDAP kind also without regard to case. `gone`: accounts that are gone count too. */
  match(references: readonly Reference[], gone?: boolean): Promise<readonly Match[]>;
  get(key: string): Promise<AccountRow | undefined>;
  /** Present accounts that satisfy the condition (over alias `a`, parameters from $1), by system and name or as ordered, after the position. */
  page(condition: Condition, after: Position | undefined, limit: number, order?: Order): Promise<readonly AccountRow[]>;
  count(condition: Condition): Promise<number>;
  /** The runs the account was in, newest first, at most `limit`. */
  runs(key: string, limit: number): Promise<readonly AccountRunView[]>;
  /** Names in the system that begin like this one, at most `limit`: for "did you mean". */
  similar(reference: Reference, limit: number): Promise<readonly string[]>;
}

export type OwnerRow = {
  readonly line: number;
  readonly account: string;
  readonly identity: string | null;
  readonly kind: Kind | null;
  readonly owner: string | null;
  readonly manager: string | null;
  readonly tier: Tier | null;
  /** null: the row says nothing about tags. */
  readonly tags: readonly string[] | null;
};
export type ConsumerRow = {
  readonly line: number;
  readonly account: string;
  readonly consumer: string;
  readonly store: string;
  readonly ref: string;
  readonly owner: string | null;
  readonly reload: string | null;
  readonly health: string | null;
};
export type PersonRow = { readonly line: number; readonly account: string; readonly person: string };
/** A row about the same thing as an earlier one. `same`: it also says the same. */
export type Clash = { readonly line: number; readonly first: number; readonly same: boolean };
/** Rows wait in a temporary table of the transaction until all of the file is known to be good. */
export interface Stage<Row> {
  open(): Promise<void>;
  add(rows: readonly Row[]): Promise<void>;
  /** Takes rows that repeat or contradict an earlier one out of the stage. */
  clashes(limit: number): Promise<{ readonly count: number; readonly rows: readonly Clash[] }>;
  /** `source` names the file: what it declared before gives way to what it declares now. */
  apply(source: string): Promise<void>;
}

export type Leak = { readonly account: string; readonly version: number; readonly dataKey: string; readonly sealed: Uint8Array };
export interface Exposure {
  expose(accounts: readonly string[]): Promise<void>;
  leaks(accounts: readonly string[]): Promise<readonly Leak[]>;
  add(leaks: readonly Leak[]): Promise<void>;
}

/** How accounts of one person are told: attributes, strongest first, on these systems (null = all). */
export type PersonRules = { readonly match: readonly string[]; readonly systems: readonly string[] | null };
export interface People {
  /** Tells again whose every account is. Joins the caller's transaction, or is one. */
  resolve(rules: PersonRules): Promise<void>;
  /** The same when the rules are not those it was told by last. */
  follow(rules: PersonRules): Promise<void>;
}

export interface Inventory {
  readonly systems: Systems;
  readonly discoveries: Discoveries;
  readonly accounts: Accounts;
  readonly owners: Stage<OwnerRow>;
  readonly consumers: Stage<ConsumerRow>;
  readonly exposure: Exposure;
  readonly persons: Stage<PersonRow>;
  readonly people: People;
  /** Every call inside belongs to one transaction; it rolls back when `work` throws. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
}

/** Seals what leaked the moment it is read, bound to the account and version it belongs to. */
export interface LeakSeal {
  seal(account: string, version: number, value: Uint8Array): Promise<{ readonly dataKey: string; readonly sealed: Uint8Array }>;
  /** Opens an earlier leak and says whether it is the same value. */
  same(leak: Leak, value: Uint8Array): Promise<boolean>;
}

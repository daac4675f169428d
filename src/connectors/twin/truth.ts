// What is really so in a twin: which values open which account. The connector and the oracle both read it; only commit() changes it.
import { Columns, flag } from './columns.ts';
import type { TwinConfig } from './config.ts';
import type { TwinEvent } from './event.ts';
import { Journal } from './journal.ts';
import { type Population, population } from './population.ts';
import { printOf, saltOf } from './print.ts';
import { chance, globTest, initialSecret } from './seeded.ts';

export type Slot = { readonly slot: string; readonly print: number; readonly at: number };
export type OpenSession = { readonly id: string; readonly at: number };

/** Sessions and passwords of an untouched twin date from the year before this day: older than any run, the same in every process. */
const longAgo = Date.UTC(2025, 0, 1);
const day = 86_400_000;

export class Truth {
  readonly people: Population;
  /** Theoretical arrival time of the throttle, shared by all connections of this process (GCRA). */
  throttledUntil = 0;
  readonly #system: string;
  readonly #config: TwinConfig;
  readonly #salt: string;
  readonly #columns = new Columns();
  readonly #others = new Map<number, Slot[]>();
  readonly #slotOf = new Map<number, string>();
  readonly #opened = new Map<number, OpenSession[]>();
  readonly #endedBefore = new Map<number, number>();
  readonly #journal: Journal | undefined;
  readonly #isStale: (name: string) => boolean;

  constructor(system: string, config: TwinConfig, journalFile?: string) {
    this.#system = system;
    this.#config = config;
    this.#salt = saltOf(config.seed, system);
    this.people = population(config);
    this.#isStale = config.staleAccounts === undefined ? () => false : globTest(config.staleAccounts);
    this.#journal = journalFile === undefined ? undefined : new Journal(journalFile);
    this.refresh();
  }

  /** Takes over what other processes did. */
  refresh(): void {
    if (this.#journal === undefined) return;
    for (const event of this.#journal.fresh()) this.#apply(event);
  }

  commit(event: TwinEvent): void {
    if (this.#journal === undefined) {
      this.#apply(event);
      return;
    }
    this.#journal.append(event);
    this.refresh();
  }

  close(): void {
    this.#journal?.close();
  }

  print(index: number, value: Uint8Array): number {
    return printOf(this.#salt, this.people.idAt(index), value);
  }

  /** Does this value open the account on a replica that is `lagMs` behind? Says nothing about blocks and locks. */
  opens(index: number, print: number, lagMs = 0, now = 0): boolean {
    if (this.#columns.has(index, flag.any)) return true;
    if (lagMs > 0 && this.lags(index, lagMs, now)) return print === this.#columns.get('previous', index);
    if (print === this.current(index)) return true;
    if (this.#others.get(index)?.some((other) => other.print === print) === true) return true;
    return this.honoursPrevious(index) && print === this.#columns.get('previous', index);
  }

  lags(index: number, lagMs: number, now: number): boolean {
    return this.#columns.has(index, flag.written) && now < this.#columns.get('changedAt', index) + lagMs;
  }

  current(index: number): number {
    if (this.#columns.has(index, flag.written)) return this.#columns.get('current', index);
    return this.print(index, Buffer.from(initialSecret(this.#config.seed, this.#system, this.people.idAt(index))));
  }

  previous(index: number): number {
    return this.#columns.get('previous', index);
  }

  honoursPrevious(index: number): boolean {
    if (!this.#columns.has(index, flag.written)) return false;
    return this.#columns.has(index, flag.stale) || (this.#config.staleAccounts !== undefined && this.#isStale(this.people.at(index).name));
  }

  changedAt(index: number): number {
    if (this.#columns.has(index, flag.written) && !this.#columns.has(index, flag.reverted)) return this.#columns.get('changedAt', index);
    return longAgo - Math.floor(chance(this.#config.seed, index, 'age') * 365) * day;
  }

  writes(index: number): number {
    return this.#columns.get('writes', index);
  }

  isBlocked(index: number): boolean {
    return this.#columns.has(index, flag.blocked) || !this.people.at(index).enabled;
  }

  isLocked(index: number, now: number): boolean {
    if (!this.#columns.has(index, flag.locked)) return false;
    return now < this.#columns.get('failedAt', index) + (this.#config.lockout?.windowSeconds ?? 0) * 1000;
  }

  failures(index: number, now: number): number {
    const windowMs = (this.#config.lockout?.windowSeconds ?? 0) * 1000;
    return now < this.#columns.get('failedAt', index) + windowMs ? this.#columns.get('failures', index) : 0;
  }

  everLocked(): string[] {
    return [...this.#columns.with(flag.everLocked)].map((index) => this.people.idAt(index));
  }

  /** The live slots, oldest first; one unless the twin mints a second or a fault kept one. */
  slots(index: number): Slot[] {
    const current = { slot: this.#slotOf.get(index) ?? 's0', print: this.current(index), at: this.changedAt(index) };
    return [...(this.#others.get(index) ?? []), current];
  }

  sessions(index: number): OpenSession[] {
    const before = this.#endedBefore.get(index) ?? 0;
    const id = this.people.idAt(index);
    const first = Array.from({ length: this.#config.sessions }, (_, n) => ({ id: `${id}#${n + 1}`, at: longAgo + n * day }));
    return [...first, ...(this.#opened.get(index) ?? [])].filter((session) => session.at >= before);
  }

  #apply(event: TwinEvent): void {
    const index = this.people.indexOf(event.account);
    if (index < 0) return;
    const columns = this.#columns;
    switch (event.op) {
      case 'set':
        if (event.way === 'add') this.#keep(index, this.current(index), event.at);
        else this.#others.delete(index);
        this.#change(index, event.print, event.at);
        if (event.way === 'stale') columns.raise(index, flag.stale);
        else columns.lower(index, flag.stale);
        return;
      case 'issue':
        this.#keep(index, this.current(index), this.changedAt(index));
        this.#change(index, event.print, event.at);
        this.#slotOf.set(index, `s${columns.get('writes', index)}`);
        return;
      case 'retire':
        this.#retire(index, event.slot);
        return;
      case 'fail':
        columns.put('failures', index, Math.min(255, this.failures(index, event.at) + 1));
        columns.put('failedAt', index, event.at);
        if (event.locks) columns.raise(index, flag.locked | flag.everLocked);
        return;
      case 'ok':
      case 'unlock':
        columns.put('failures', index, 0);
        columns.lower(index, flag.locked);
        return;
      case 'open':
        this.#opened.set(index, [...(this.#opened.get(index) ?? []), { id: `${event.account}@${event.at}`, at: event.at }]);
        return;
      case 'end':
        this.#endedBefore.set(index, event.before);
        return;
      case 'block':
        columns.raise(index, flag.blocked);
        return;
      case 'unblock':
        columns.lower(index, flag.blocked);
        return;
      case 'any':
        columns.raise(index, flag.any);
        return;
      case 'revert': {
        const back = columns.get('previous', index);
        columns.put('previous', index, this.current(index));
        columns.put('current', index, back);
        columns.raise(index, flag.reverted);
        return;
      }
    }
  }

  #keep(index: number, print: number, at: number): void {
    const kept = { slot: this.#slotOf.get(index) ?? `s${this.writes(index)}`, print, at };
    this.#others.set(index, [...(this.#others.get(index) ?? []), kept]);
  }

  #change(index: number, print: number, at: number): void {
    const columns = this.#columns;
    const before = this.current(index);
    // The same value again is no change: "previous" stays what it was, or an old value could no longer be told from the new one.
    if (print !== before) columns.put('previous', index, before);
    columns.put('current', index, print);
    columns.put('changedAt', index, at);
    columns.put('writes', index, columns.get('writes', index) + 1);
    columns.raise(index, flag.written);
    columns.lower(index, flag.reverted);
  }

  #retire(index: number, slot: string): void {
    const others = this.#others.get(index) ?? [];
    const left = others.filter((other) => other.slot !== slot);
    if (left.length < others.length) {
      this.#others.set(index, left);
      return;
    }
    const newest = left.pop();
    if (newest === undefined) return;
    this.#others.set(index, left);
    this.#columns.put('current', index, newest.print);
    this.#slotOf.set(index, newest.slot);
  }
}

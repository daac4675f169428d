// Decides which scripted fault meets which call. Depends on the seed and on the calls made, never on time.
import type { FaultRule, Operation } from './config.ts';
import { chance, globTest } from './seeded.ts';

type Armed = {
  readonly rule: FaultRule;
  readonly matches: (name: string) => boolean;
  calls: number;
  readonly perAccount: Map<string, number>;
};

export class Schedule {
  readonly #armed: readonly Armed[];
  readonly #seed: string;

  constructor(seed: string, rules: readonly FaultRule[]) {
    this.#seed = seed;
    this.#armed = rules.map((rule) => ({
      rule,
      matches: rule.accounts === undefined ? () => true : globTest(rule.accounts),
      calls: 0,
      perAccount: new Map(),
    }));
  }

  /** The first rule, in the order of the estate file, that strikes this call. Every rule counts the calls it matches. */
  strike(op: Operation, account: { readonly id: string; readonly name: string } | undefined): FaultRule | undefined {
    let struck: FaultRule | undefined;
    for (const [n, armed] of this.#armed.entries()) {
      const { rule } = armed;
      if (rule.op !== undefined && rule.op !== op) continue;
      if (rule.accounts !== undefined && (account === undefined || !(armed.matches(account.name) || armed.matches(account.id)))) continue;
      armed.calls++;
      if (struck === undefined && this.#strikes(armed, n, account?.id ?? '')) struck = rule;
    }
    return struck;
  }

  #strikes(armed: Armed, n: number, id: string): boolean {
    const { rule, calls } = armed;
    if (rule.after !== undefined && calls <= rule.after) return false;
    if (rule.until !== undefined && calls > rule.until) return false;
    if (rule.everyNth !== undefined && calls % rule.everyNth !== 0) return false;
    if (rule.probability === undefined) return true;
    // By the account's own call number: the same accounts are struck whatever order a parallel run takes.
    const turn = (armed.perAccount.get(id) ?? 0) + 1;
    armed.perAccount.set(id, turn);
    return chance(this.#seed, 'fault', n, id, turn) < rule.probability;
  }
}

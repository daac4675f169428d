// The sentence a CISO forwards. It never says more than the cells prove: "all" and "every" only when there is no exception to them.
import type { RunState } from '../domain/run.ts';
import type { Coverage } from './coverage.ts';
import type { ItemScan } from './item-scan.ts';

export type OutcomeFacts = {
  readonly state: RunState;
  readonly coverage: Coverage;
  readonly closed: ItemScan['closed'];
  readonly consumers: ItemScan['consumers'];
  readonly residualUntil: string | null;
  readonly exceptions: number;
  readonly notProved: number;
};
export type Outcome = { readonly word: string; readonly sentence: string; readonly residualRisk: readonly string[] };

export function outcomeOf(facts: OutcomeFacts): Outcome {
  const n = (outcome: string): number => facts.coverage.rows.find((row) => row.outcome === outcome)?.count ?? 0;
  const complete = n('complete');
  const { selected, closes } = facts.coverage;
  const word = wordOf(facts);
  if (!closes)
    return {
      word: 'NOT VALID',
      sentence: 'The sums of this run do not close, so this report proves nothing. Keep the store as it is and have it examined.',
      residualRisk: [],
    };
  if (selected === 0) return { word, sentence: 'Nothing was in scope: nothing was reset and nothing is proved.', residualRisk: [] };
  const parts = [
    complete === selected
      ? `All ${count(selected, 'selected credential')} were reset and closed.`
      : `${complete} of ${count(selected, 'selected credential')} were reset and closed.`,
  ];
  if (complete > 0) parts.push(proofSentence(facts.closed, complete === selected));
  const rest = ['residual', 'contained', 'signed', 'not signed', 'excluded', 'rolled back', 'failed', 'in doubt', 'unfinished'].filter(
    (outcome) => n(outcome) > 0,
  );
  if (rest.length > 0) parts.push(`The others: ${rest.map((outcome) => `${n(outcome)} ${outcome}`).join(', ')}.`);
  return { word, sentence: parts.join(' '), residualRisk: risks(facts, n) };
}

/** Speaks of the complete items alone: what was tested on the others proves nothing about them. */
function proofSentence({ probed, stateAndCanary, excepted, other, itemsWithoutCells }: OutcomeFacts['closed'], all: boolean): string {
  const cells = probed + stateAndCanary + excepted + other;
  const without = itemsWithoutCells > 0 ? ` For ${itemsWithoutCells} of them no access path was tested: nothing is proved there.` : '';
  if (cells === 0) return 'No access path was tested: that the old secrets are refused is not proved.';
  if (probed === cells && itemsWithoutCells === 0)
    return `On every tested access path${all ? '' : ' of these'} the old secret itself was tried and refused (${count(cells, 'test')}, each with the new secret accepted and a made-up one refused).`;
  const clauses = [`on ${probed} of ${count(cells, 'tested access path')} the old secret itself was tried and refused`];
  if (stateAndCanary > 0) clauses.push(`on ${stateAndCanary} it was not tried; the target's own record and a canary account stand in`);
  if (excepted > 0) clauses.push(`${excepted} were accepted by a named owner without proof`);
  if (other > 0) clauses.push(`${other} are not proved`);
  return `Counted by account and path: ${clauses.join('; ')}.${without}`;
}

function risks(facts: OutcomeFacts, n: (outcome: string) => number): string[] {
  const out: string[] = [];
  const add = (amount: number, text: string): void => {
    if (amount > 0) out.push(text);
  };
  const open = n('failed') + n('rolled back') + n('unfinished');
  add(open, `${count(open, 'credential')} failed, rolled back or unfinished: the old secret works or may work.`);
  add(n('in doubt'), `${count(n('in doubt'), 'credential')} in doubt: whether the old or the new secret works is not known.`);
  add(
    n('residual'),
    `${count(n('residual'), 'credential')} with something old still alive, the last until ${facts.residualUntil ?? 'a time not known'}.`,
  );
  add(
    n('contained'),
    `${count(n('contained'), 'credential')} not reset but contained: the risk lasts as long as the compensating control does.`,
  );
  add(n('not signed'), `${count(n('not signed'), 'task')} by hand that nobody has signed: the old secret works.`);
  add(n('signed'), `${count(n('signed'), 'task')} by hand, signed by an owner and not proved.`);
  add(n('excluded'), `${count(n('excluded'), 'credential')} excluded, each with a reason: not reset by this run.`);
  add(
    facts.notProved,
    `${count(facts.notProved, 'access path test', 'access path tests')} without a proof that the old secret is refused.`,
  );
  add(facts.closed.stateAndCanary, `${count(facts.closed.stateAndCanary, 'access path')} where the old secret was not known or not tried.`);
  add(facts.exceptions, `${count(facts.exceptions, 'exception')} accepted by an owner, each with an expiry.`);
  const open_ = Object.entries(facts.consumers).reduce(
    (sum, [state, amount]) => (state === 'adopted' || state === 'exempt' ? sum : sum + amount),
    0,
  );
  add(open_, `${count(open_, 'consumer')} not seen using the new secret.`);
  return out;
}

function wordOf({ state }: OutcomeFacts): string {
  switch (state) {
    case 'complete':
      return 'Complete';
    case 'residual':
      return 'Complete but for residual access';
    case 'incomplete':
      return 'Not complete';
    case 'aborted':
      return 'Aborted';
    case 'running':
      return 'Still running';
    case 'paused':
      return 'Paused';
  }
}

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

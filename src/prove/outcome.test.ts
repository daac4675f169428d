// The outcome never says more than the cells prove, and names everything they do not.
import { expect, test } from 'vitest';
import { coverageOf, type StateCounts, tallyStates } from './coverage.ts';
import { type OutcomeFacts, outcomeOf } from './outcome.ts';

const facts = (counts: Partial<StateCounts>, more: Partial<OutcomeFacts> = {}): OutcomeFacts => {
  const states = { ...tallyStates(), ...counts };
  const selected = Object.values(counts).reduce((n, each) => n + each, 0);
  return {
    state: 'complete',
    coverage: coverageOf(selected, states),
    closed: { probed: 0, stateAndCanary: 0, excepted: 0, other: 0, itemsWithoutCells: 0 },
    consumers: {},
    residualUntil: null,
    exceptions: 0,
    notProved: 0,
    ...more,
  };
};
const closed = (more: Partial<OutcomeFacts['closed']>): OutcomeFacts['closed'] => ({
  probed: 0,
  stateAndCanary: 0,
  excepted: 0,
  other: 0,
  itemsWithoutCells: 0,
  ...more,
});

test('"all" and "every" stand only where each credential is complete and each path was probed', () => {
  const whole = outcomeOf(facts({ complete: 3 }, { closed: closed({ probed: 6 }) }));
  expect(whole.sentence).toBe(
    'All 3 selected credentials were reset and closed. On every tested access path the old secret itself was tried and refused (6 tests, each with the new secret accepted and a made-up one refused).',
  );
  expect(whole.residualRisk).toEqual([]);
  const lesser: OutcomeFacts[] = [
    facts({ complete: 3 }, { closed: closed({ probed: 5, stateAndCanary: 1 }) }),
    facts({ complete: 3 }, { closed: closed({ probed: 5, excepted: 1 }), exceptions: 1 }),
    facts({ complete: 3 }, { closed: closed({ probed: 4, itemsWithoutCells: 1 }) }),
    facts({ complete: 3 }, { closed: closed({ probed: 5, other: 1 }) }),
    facts({ complete: 3 }),
  ];
  for (const each of lesser) expect(outcomeOf(each).sentence, JSON.stringify(each.closed)).not.toMatch(/every/i);
  for (const state of ['residual', 'contained', 'failed', 'in-doubt', 'sent', 'planned', 'excluded', 'rolled-back', 'proved'] as const) {
    const { sentence, residualRisk } = outcomeOf(facts({ complete: 3, [state]: 1 }, { closed: closed({ probed: 6 }) }));
    expect(sentence, state).toMatch(/^3 of 4 selected credentials .* The others: 1 /);
    expect(sentence, state).not.toMatch(/\bAll\b/);
    expect(sentence, state).toContain('On every tested access path of these the old secret itself was tried');
    expect(residualRisk.length, state).toBeGreaterThan(0);
  }
});

test('nothing tested, nothing selected and sums that do not close are said first', () => {
  expect(outcomeOf(facts({ complete: 2 })).sentence).toContain('not proved');
  expect(outcomeOf(facts({})).sentence).toContain('Nothing was in scope');
  const lost = facts({ complete: 2 }, { closed: closed({ probed: 2 }) });
  const broken = outcomeOf({ ...lost, coverage: coverageOf(3, { ...tallyStates(), complete: 2 }) });
  expect([broken.word, broken.sentence]).toEqual(['NOT VALID', expect.stringContaining('proves nothing')]);
});

test('consumers that were not seen on the new secret, open exceptions and unproved cells are residual risk', () => {
  const { residualRisk } = outcomeOf(
    facts(
      { complete: 1 },
      { closed: closed({ probed: 1 }), consumers: { adopted: 4, updated: 2, failed: 1 }, exceptions: 2, notProved: 5 },
    ),
  );
  expect(residualRisk.join(' ')).toMatch(/5 access path tests .* 2 exceptions .* 3 consumers not seen/);
});

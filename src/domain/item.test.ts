import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTerminal, itemStates, mayGo, nextStates } from './item.ts';

describe('the states of an item', () => {
  it('no walk reaches proved without passing sealed, sent and applied in that order since it was last planned', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 40 }), (choices) => {
        let state: (typeof itemStates)[number] = 'planned';
        let seen: string[] = [];
        for (const choice of choices) {
          const ways: readonly (typeof itemStates)[number][] = nextStates[state];
          if (ways.length === 0) break;
          state = ways[choice % ways.length] as (typeof itemStates)[number];
          seen = state === 'planned' ? [] : [...seen, state];
          if (state === 'proved' && !seen.includes('complete') && !seen.includes('residual')) {
            const order = ['sealed', 'sent', 'applied', 'propagated', 'revoked', 'proved'].map((s) => seen.indexOf(s));
            expect(order.every((at, i) => at >= 0 && (i === 0 || at > (order[i - 1] as number)))).toBe(true);
          }
        }
      }),
    );
  });

  it('nothing is complete that was not proved, or whose residual clock did not run', () => {
    expect(itemStates.filter((s) => mayGo(s, 'complete')).sort()).toEqual(['proved', 'residual']);
  });

  it('an item in doubt never becomes planned: a new value would hide which one the target holds', () => {
    expect(mayGo('in-doubt', 'planned')).toBe(false);
    expect(mayGo('applied', 'failed')).toBe(false);
  });

  it('every end state is left only for a retry or a re-proof', () => {
    for (const state of itemStates.filter(isTerminal))
      for (const next of nextStates[state]) expect(['planned', 'complete', 'propagated', 'revoked', 'signed']).toContain(next);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProbeVerdict } from '../domain/verdict.ts';
import type { Probed } from '../kit/capability.ts';
import { secretOf } from '../seal/secret.ts';
import { budgetOf, SpentBudget } from './budget.ts';
import { ceremony, type Role } from './ceremony.ts';

const fresh = secretOf('v2', 'new');
const nonsense = secretOf('nonsense', 'junk');
const old = secretOf('v1', 'old');
const run = (
  answer: (role: Role, nth: number) => ProbeVerdict,
  more: { olds?: (typeof old)[]; mayFail?: () => boolean; between?: boolean } = {},
) => {
  const asked: Role[] = [];
  const attempt = async (role: Role): Promise<Probed> => {
    asked.push(role);
    return { verdict: answer(role, asked.filter((r) => r === role).length), code: '49' };
  };
  return ceremony({
    attempt,
    mayFail: async () => more.mayFail?.() ?? true,
    between: () => more.between ?? false,
    fresh,
    nonsense,
    olds: more.olds ?? [old],
  }).then((finding) => ({ finding, asked }));
};
const honest = (role: Role): ProbeVerdict => (role === 'new' ? 'accepted' : 'rejected');

describe('the ceremony of three controls', () => {
  it('old is denied when new is accepted, nonsense refused, old refused, and new accepted again', async () => {
    const { finding, asked } = await run(honest);
    expect(finding).toEqual({ kind: 'proved', code: '49' });
    expect(asked).toEqual(['new', 'nonsense', 'old', 'new']);
  });

  const mutants: readonly [string, (role: Role, nth: number) => ProbeVerdict][] = [
    ['a probe that always errors', () => 'indeterminate'],
    ['a probe that always accepts', () => 'accepted'],
    ['a probe that always refuses', () => 'rejected'],
    ['an account that accepts any password', (role) => (role === 'old' ? 'rejected' : 'accepted')],
    ['a previous password still honoured', (role) => (role === 'nonsense' ? 'rejected' : 'accepted')],
    ['a path that goes down after the first answer', (role, nth) => (role === 'new' && nth === 1 ? 'accepted' : 'indeterminate')],
    [
      'a path that goes down before the old probe',
      (role, nth) => (role === 'old' ? 'indeterminate' : role === 'new' && nth > 1 ? 'indeterminate' : honest(role)),
    ],
    ['an account locked in the middle', (role, nth) => (role === 'new' && nth === 2 ? 'rejected' : honest(role))],
    ['an account that is blocked', (role) => (role === 'new' ? 'blocked' : 'rejected')],
    ['an old secret answered as blocked', (role) => (role === 'old' ? 'blocked' : honest(role))],
    ['nonsense answered as blocked', (role) => (role === 'nonsense' ? 'blocked' : honest(role))],
  ];
  for (const [name, answer] of mutants)
    it(`${name} is never proved`, async () => {
      expect((await run(answer)).finding.kind).toBe('failed');
    });

  it('whatever the path answers, proved means every control held', () => {
    const verdicts: ProbeVerdict[] = ['accepted', 'rejected', 'blocked', 'indeterminate'];
    return fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...verdicts), { minLength: 8, maxLength: 8 }), async (answers) => {
        let i = 0;
        const seen: [Role, ProbeVerdict][] = [];
        const { finding } = await run((role) => {
          const verdict = answers[i++] as ProbeVerdict;
          seen.push([role, verdict]);
          return verdict;
        });
        if (finding.kind === 'proved')
          expect(seen).toEqual([
            ['new', 'accepted'],
            ['nonsense', 'rejected'],
            ['old', 'rejected'],
            ['new', 'accepted'],
          ]);
      }),
    );
  });

  it('old is tried once, whatever it answers', async () => {
    for (const verdict of ['accepted', 'rejected', 'blocked', 'indeterminate'] as const) {
      const { asked } = await run((role) => (role === 'old' ? verdict : honest(role)));
      expect(asked.filter((r) => r === 'old')).toHaveLength(1);
    }
  });

  it('without budget no refused login happens and the finding says so', async () => {
    const { finding, asked } = await run(honest, { mayFail: () => false });
    expect(finding).toMatchObject({ kind: 'unprobed', why: 'budget', controls: false });
    expect(asked).toEqual(['new']);
  });

  it('an unknown old secret leaves the controls, never a proof by probing', async () => {
    const { finding } = await run(honest, { olds: [] });
    expect(finding).toMatchObject({ kind: 'unprobed', why: 'unknown-old', controls: true });
  });
});

describe('the lockout budget', () => {
  it('with a threshold of three and a cleared count after each success, a whole ceremony never has two refusals in a row', async () => {
    const budget = budgetOf({ threshold: 3, failures: 0, resetsOnSuccess: true });
    const spent = new SpentBudget(60_000, () => 0);
    let row = 0;
    let worst = 0;
    const { finding } = await run(
      (role) => {
        if (role === 'new') {
          row = 0;
          spent.accepted('a', budget);
          return 'accepted';
        }
        worst = Math.max(worst, ++row);
        return 'rejected';
      },
      { mayFail: () => spent.spend('a', budget), between: true, olds: [old, old, old] },
    );
    expect(finding.kind).toBe('proved');
    expect(worst).toBe(1);
  });

  it('nobody can be locked out: whatever threshold, count and ceremonies, refusals stay at least two below it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.nat(12),
        fc.integer({ min: 1, max: 6 }),
        fc.boolean(),
        (threshold, failures, ceremonies, resets) => {
          const spent = new SpentBudget(60_000, () => 0);
          let count = failures;
          for (let i = 0; i < ceremonies * 3; i++) {
            const budget = budgetOf({ threshold, failures: count, resetsOnSuccess: resets });
            if (spent.spend('a', budget)) count++;
            expect(count === failures || count <= threshold - 2).toBe(true);
          }
        },
      ),
    );
  });

  it('an unreadable count under a low threshold allows no probe of the old secret', () => {
    expect(budgetOf({ threshold: 3, failures: undefined, resetsOnSuccess: true }).row).toBe(0);
    expect(budgetOf({ threshold: 10, failures: undefined, resetsOnSuccess: true }).row).toBe(1);
    expect(budgetOf(undefined).row).toBe(1);
  });
});

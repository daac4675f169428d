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
/** `right`: blocked, and told to be the right one that must be changed. */
type Said = ProbeVerdict | 'right';
const run = (
  answer: (role: Role, nth: number) => Said,
  more: { olds?: (typeof old)[]; mayFail?: () => boolean; between?: boolean } = {},
) => {
  const asked: Role[] = [];
  const attempt = async (role: Role): Promise<Probed> => {
    asked.push(role);
    const said = answer(role, asked.filter((r) => r === role).length);
    return said === 'right' ? { verdict: 'blocked', code: '49/773', right: true } : { verdict: said, code: '49' };
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

  it('a new secret that is right and must be changed is the positive control, where nonsense is refused as wrong', async () => {
    const { finding, asked } = await run((role) => (role === 'new' ? 'right' : 'rejected'));
    expect(finding).toEqual({ kind: 'proved', code: '49', mustChange: true });
    expect(asked).toEqual(['new', 'nonsense', 'old', 'new']);
  });

  const mutants: readonly [string, (role: Role, nth: number) => Said][] = [
    ['a target that answers "must change" to everything', () => 'right'],
    ['a target that answers "must change" to all but nonsense', (role) => (role === 'nonsense' ? 'rejected' : 'right')],
    [
      'a target that answers "must change" to the old one too',
      (role) => (role === 'old' ? 'right' : role === 'new' ? 'accepted' : 'rejected'),
    ],
    ['a target that blocks without a word on the secret', (role) => (role === 'new' ? 'blocked' : 'rejected')],
    ['a secret that must be changed and was, in the middle', (role, nth) => (role === 'new' && nth === 1 ? 'right' : 'rejected')],
    ['a target that accepts nonsense and asks to change the new one', (role) => (role === 'new' ? 'right' : 'accepted')],
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
    const verdicts: Said[] = ['accepted', 'rejected', 'blocked', 'right', 'indeterminate'];
    return fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...verdicts), { minLength: 8, maxLength: 8 }), async (answers) => {
        let i = 0;
        const seen: [Role, Said][] = [];
        const { finding } = await run((role) => {
          const said = answers[i++] as Said;
          seen.push([role, role === 'new' && said === 'right' ? 'accepted' : said]);
          return said;
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

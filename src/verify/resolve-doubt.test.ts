// What a probe says of an account that cannot be used is weighed against what the target says of a value it never saw.
import { describe, expect, it } from 'vitest';
import { done } from '../kit/kit.ts';
import { secretOf } from '../seal/secret.ts';
import { SpentBudget } from './budget.ts';
import { resolveDoubt } from './resolve-doubt.ts';

type Verdict = 'accepted' | 'rejected' | 'blocked' | 'indeterminate';
type Policy = { readonly threshold: number | undefined; readonly resetsOnSuccess: boolean };
type Says = { readonly candidate: Verdict; readonly previous?: Verdict; readonly nonsense?: Verdict; readonly right?: true };

type Around = { readonly blocked?: boolean; readonly policy?: Policy; readonly spent?: SpentBudget };
const never: Policy = { threshold: 0, resetsOnSuccess: true };
/** Nobody says after how many refusals it locks: one is allowed. */
const untold: Policy = { threshold: undefined, resetsOnSuccess: false };
const minute = 60_000;
const budget = () => new SpentBudget(30 * minute, () => 0);

async function findingOf(
  says: Says,
  { blocked = false, policy = never, spent = budget() }: Around = {},
): Promise<{ finding: string; why: string; asked: string[] }> {
  const asked: string[] = [];
  const { finding, why } = await resolveDoubt({
    account: { system: 's', id: 'a', name: 'a' },
    connection: {
      lockout: { read: async () => done({ ...policy, failures: policy.threshold === undefined ? undefined : 0 }) },
      probe: {
        paths: async () => [{ path: 'login', replica: 'one' }],
        attempt: async (_account, secret) => {
          const role = secret.text((text) => text) as 'candidate' | 'previous' | 'nonsense'; // the values below
          asked.push(role);
          return {
            verdict: says[role] ?? 'indeterminate',
            code: role,
            ...(role === 'candidate' && says.right === true && { right: true }),
          };
        },
      },
      async [Symbol.asyncDispose]() {},
    },
    candidate: secretOf('v2', 'candidate'),
    previous: says.previous === undefined ? undefined : secretOf('v1', 'previous'),
    nonsense: secretOf('nonsense', 'nonsense'),
    blocked,
    spent,
    now: () => new Date(0),
  });
  return { finding, why, asked };
}

describe('an account that is blocked while it is in doubt', () => {
  it('is never called applied where the target answers so to any value: the same value is sent again', async () => {
    expect(await findingOf({ candidate: 'blocked', nonsense: 'blocked' })).toMatchObject({
      finding: 'unchanged',
      asked: ['candidate', 'nonsense'],
    });
  });
  it('is applied where the target tells the candidate from a wrong value', async () => {
    expect(await findingOf({ candidate: 'blocked', nonsense: 'rejected' })).toMatchObject({ finding: 'applied' });
    expect(await findingOf({ candidate: 'blocked', right: true })).toMatchObject({ finding: 'applied', asked: ['candidate'] });
  });
  it('stays in doubt while the target does not say what it thinks of a wrong value', async () => {
    expect(await findingOf({ candidate: 'blocked', nonsense: 'indeterminate' })).toMatchObject({ finding: 'unknown' });
  });
  it('holds no third value where we blocked it ourselves and it refuses everything', async () => {
    expect(await findingOf({ candidate: 'rejected', previous: 'rejected' }, { blocked: true })).toMatchObject({ finding: 'unchanged' });
    expect(await findingOf({ candidate: 'rejected', previous: 'rejected' })).toMatchObject({ finding: 'third-value' });
  });
});

describe('where one refused login is all there is', () => {
  it('a candidate that is refused was not written: the same value is sent again, and the previous one is not tried', async () => {
    expect(await findingOf({ candidate: 'rejected', previous: 'accepted' }, { policy: untold })).toMatchObject({
      finding: 'unchanged',
      asked: ['candidate'],
    });
  });
  it('a candidate that is accepted costs nothing: the proof that follows has the whole budget', async () => {
    const spent = budget();
    expect(await findingOf({ candidate: 'accepted' }, { policy: untold, spent })).toMatchObject({ finding: 'applied' });
    expect(spent.spend('s/a', { row: 1, resets: false })).toBe(true);
  });
  it('a candidate without an answer may have been counted: it is not tried again, and the item says for how long', async () => {
    const spent = budget();
    expect(await findingOf({ candidate: 'indeterminate' }, { policy: untold, spent })).toMatchObject({ finding: 'unknown' });
    expect(await findingOf({ candidate: 'accepted' }, { policy: untold, spent })).toEqual({
      finding: 'unknown',
      why: 'no probe within the lockout budget, for another 30 min',
      asked: [],
    });
  });
  it('an account that we blocked does not wait for it: the same value is sent again', async () => {
    const spent = budget();
    expect(await findingOf({ candidate: 'blocked' }, { policy: untold, spent, blocked: true })).toMatchObject({ finding: 'unchanged' });
    expect(await findingOf({ candidate: 'blocked' }, { policy: untold, spent, blocked: true })).toMatchObject({
      finding: 'unchanged',
      asked: [],
    });
  });
});

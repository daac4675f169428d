// What a probe says of an account that cannot be used is weighed against what the target says of a value it never saw.
import { describe, expect, it } from 'vitest';
import { done } from '../kit/kit.ts';
import { secretOf } from '../seal/secret.ts';
import { SpentBudget } from './budget.ts';
import { resolveDoubt } from './resolve-doubt.ts';

type Verdict = 'accepted' | 'rejected' | 'blocked' | 'indeterminate';
type Says = { readonly candidate: Verdict; readonly previous?: Verdict; readonly nonsense?: Verdict; readonly right?: true };

async function findingOf(says: Says, blocked = false): Promise<{ finding: string; asked: string[] }> {
  const asked: string[] = [];
  const { finding } = await resolveDoubt({
    account: { system: 's', id: 'a', name: 'a' },
    connection: {
      lockout: { read: async () => done({ threshold: 0, failures: 0, resetsOnSuccess: true }) },
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
    spent: new SpentBudget(60_000, () => 0),
    now: () => new Date(0),
  });
  return { finding, asked };
}

describe('an account that is blocked while it is in doubt', () => {
  it('is never called applied where the target answers so to any value: the same value is sent again', async () => {
    expect(await findingOf({ candidate: 'blocked', nonsense: 'blocked' })).toEqual({
      finding: 'unchanged',
      asked: ['candidate', 'nonsense'],
    });
  });
  it('is applied where the target tells the candidate from a wrong value', async () => {
    expect(await findingOf({ candidate: 'blocked', nonsense: 'rejected' })).toMatchObject({ finding: 'applied' });
    expect(await findingOf({ candidate: 'blocked', right: true })).toEqual({ finding: 'applied', asked: ['candidate'] });
  });
  it('stays in doubt while the target does not say what it thinks of a wrong value', async () => {
    expect(await findingOf({ candidate: 'blocked', nonsense: 'indeterminate' })).toMatchObject({ finding: 'unknown' });
  });
  it('holds no third value where we blocked it ourselves and it refuses everything', async () => {
    expect(await findingOf({ candidate: 'rejected', previous: 'rejected' }, true)).toMatchObject({ finding: 'unchanged' });
    expect(await findingOf({ candidate: 'rejected', previous: 'rejected' }, false)).toMatchObject({ finding: 'third-value' });
  });
});

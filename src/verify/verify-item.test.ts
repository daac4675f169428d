import { describe, expect, it } from 'vitest';
import type { AccountRef, Lockout, Probed } from '../kit/capability.ts';
import type { Connection } from '../kit/connector.ts';
import type { Secret } from '../kit/secret.ts';
import { secretOf } from '../seal/secret.ts';
import { SpentBudget } from './budget.ts';
import { verifyItem } from './verify-item.ts';

const account: AccountRef = { system: 'dir', id: '1', name: 'someone' };
const where = { path: 'bind', replica: 'one' };
const [fresh, old, nonsense] = [secretOf('v2', 'new'), secretOf('leaked-1', 'old'), secretOf('nonsense', 'junk')];

/** A target that locks after three failures; `count` may hold failures of others, or such as replication still brings. */
function target(count: { failures: number }, read: (asked: number) => void = () => {}, { mustChange = false, threshold = 3 } = {}) {
  let worst = 0;
  let asked = 0;
  const connection = {
    probe: {
      paths: async () => [where],
      attempt: async (_: AccountRef, secret: Secret): Promise<Probed> => {
        const good = secret.text((text) => text === 'new');
        if (good && mustChange) return { verdict: 'blocked', code: '49/773', right: true };
        count.failures = good ? 0 : count.failures + 1;
        worst = Math.max(worst, count.failures);
        return { verdict: good ? 'accepted' : 'rejected', code: good ? '0' : '49' };
      },
    },
    lockout: {
      read: async () => {
        read(++asked);
        return { kind: 'done' as const, value: { threshold, failures: count.failures, resetsOnSuccess: true } satisfies Lockout };
      },
    },
    [Symbol.asyncDispose]: async () => {},
  } as unknown as Connection; // only what a probe needs
  return {
    worst: () => worst,
    verify: () =>
      verifyItem({
        account,
        connection,
        paths: [{ where, connection, record: where.replica }],
        fresh,
        olds: [old],
        nonsense,
        changedAfter: new Date(0),
        spent: new SpentBudget(60_000, () => 0),
        canaryProved: () => false,
        now: () => new Date(),
        pace: { probe: (probe) => probe(), read: (call) => call() },
      }),
  };
}

describe('a new secret that must be changed', () => {
  it('proves the cell, says so, and stands with the word of the target in the log', async () => {
    const { cells, lines, mustChange } = await target({ failures: 0 }, undefined, { mustChange: true, threshold: 10 }).verify();
    expect(cells).toMatchObject([{ verdict: 'proved', level: 'probed', code: '49' }]);
    expect(mustChange).toBe(true);
    expect(lines.map((line) => JSON.parse(line)).filter(({ right }) => right === true)).toMatchObject([
      { secret: 'new', verdict: 'blocked', code: '49/773' },
      { secret: 'new', verdict: 'blocked', code: '49/773' },
    ]);
  });

  it('clears no failures: under a threshold of three nobody is locked out, and the old one is not tried', async () => {
    const on = target({ failures: 0 }, undefined, { mustChange: true });
    const { cells } = await on.verify();
    expect(cells).toMatchObject([{ verdict: 'inferred' }]);
    expect(on.worst()).toBe(1);
  });
});

describe('the lockout count of an account', () => {
  it('is read after NEW has cleared it: what others failed before costs no proof', async () => {
    const on = target({ failures: 2 });
    expect((await on.verify()).cells).toMatchObject([{ verdict: 'proved', level: 'probed' }]);
    expect(on.worst()).toBe(1);
  });

  it('that replication still brings is waited for, not taken for a reason to prove less', async () => {
    const count = { failures: 0 };
    const on = target(count, (asked) => {
      count.failures = asked === 1 ? 1 : 0;
    });
    expect((await on.verify()).cells).toMatchObject([{ verdict: 'proved', level: 'probed' }]);
  });

  it('that stays leaves the account alone: no refused login is added', async () => {
    const count = { failures: 0 };
    const on = target(count, () => {
      count.failures = 1;
    });
    const { cells } = await on.verify();
    expect(cells).toMatchObject([{ verdict: 'inferred', level: 'none' }]);
    expect(on.worst()).toBe(0);
  });
});

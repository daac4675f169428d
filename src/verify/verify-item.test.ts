import { describe, expect, it } from 'vitest';
import type { AccountRef, Lockout, Probed } from '../kit/capability.ts';
import type { Connection } from '../kit/connector.ts';
import type { Secret } from '../kit/secret.ts';
import { secretOf } from '../seal/secret.ts';
import { SpentBudget } from './budget.ts';
import { type VerifyInput, verifyItem } from './verify-item.ts';

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

describe('while one machine has not received the change', () => {
  const doors = [
    { path: 'ldap', replica: 'one' },
    { path: 'ldap', replica: 'two' },
    { path: 'files', replica: 'one:445' },
    { path: 'files', replica: 'two:445' },
  ];
  /** Machine two shows the marker of the secret before until `behind` is false. */
  function pair() {
    const logins: string[] = [];
    const now = { behind: true };
    const connection = {
      probe: {
        attempt: async (_: AccountRef, secret: Secret, at: { path: string; replica: string }): Promise<Probed> => {
          logins.push(`${at.path} ${at.replica}`);
          return { verdict: secret.text((text) => text === 'new') ? 'accepted' : 'rejected', code: '49' };
        },
      },
      state: {
        read: async (_: AccountRef, replica: string) => ({
          kind: 'done' as const,
          value: { marker: replica === 'two' && now.behind ? 'before' : 'after', usable: true, changedAt: new Date(1000) },
        }),
      },
      lockout: { read: async () => ({ kind: 'done' as const, value: { threshold: 3, failures: 0, resetsOnSuccess: true } }) },
      [Symbol.asyncDispose]: async () => {},
    } as unknown as Connection; // only what a proof over two machines needs
    const input: VerifyInput = {
      account,
      connection,
      paths: doors.map((door) => ({ where: door, connection, record: door.replica.split(':')[0] as string })),
      fresh,
      olds: [old],
      nonsense,
      changedAfter: new Date(1000),
      spent: new SpentBudget(60_000, () => 0),
      canaryProved: () => false,
      now: () => new Date(),
      pace: { probe: (probe) => probe(), read: (call) => call() },
    };
    return { logins, now, verify: (proved: VerifyInput['proved'] = []) => verifyItem({ ...input, proved }) };
  }

  it('the doors of the other are proved, and at none of its own a login is tried', async () => {
    const on = pair();
    const { cells, again } = await on.verify();
    expect(cells.map(({ verdict }) => verdict)).toEqual(['proved', 'not-proved', 'proved', 'not-proved']);
    expect(on.logins.filter((login) => login.includes('two'))).toEqual([]);
    expect(again).toMatchObject({ why: expect.stringContaining('waits for replication: two') });
    expect(again?.transient).toBeUndefined();
  });

  it('what was proved is not logged in to again when the change has arrived', async () => {
    const on = pair();
    const before = (await on.verify()).cells.filter(({ verdict }) => verdict === 'proved');
    on.logins.length = 0;
    on.now.behind = false;
    const { cells, again } = await on.verify(before);
    expect(cells.map(({ verdict }) => verdict)).toEqual(['proved', 'proved', 'proved', 'proved']);
    expect(again).toBeUndefined();
    expect([...new Set(on.logins)]).toEqual(['ldap two', 'files two:445']);
  });
});

// Who may approve what, how many it takes, and that an approval never outlives what it was given for.
import { describe, expect, it } from 'vitest';
import { memoryApprovals } from '../../test/harness/memory-approvals.ts';
import { refusal } from '../../test/harness/refusal.ts';
import type { Estate } from '../estate/estate.ts';
import { approvalStatus, assertApproved } from './approval-status.ts';
import { approve } from './approve.ts';
import type { Passkeys, Refusal } from './port.ts';
import { signApproval } from './sign.ts';
import type { Subject } from './subject.ts';
import vectors from './vectors.json' with { type: 'json' };

const keyOf = (name: string) => {
  const found = vectors.keys.find((k) => k.name === name)!;
  return {
    public: found.public,
    private: `-----BEGIN OPENSSH PRIVATE KEY-----\n${found.privateBody}\n-----END OPENSSH PRIVATE KEY-----\n`,
  };
};
const people = { alice: keyOf('ed25519'), bob: keyOf('ecdsa256'), carol: keyOf('rsa') };
type Name = keyof typeof people;

const plan: Subject = {
  kind: 'plan',
  id: 'P-7K3QX2MA',
  hash: 'a'.repeat(64),
  createdBy: 'dave',
  expiresAt: new Date('2026-11-22T00:00:00Z'),
  tier0: false,
};

const none: Passkeys = { of: async () => [], approvers: async () => [], used: async () => true };

function setUp(rules: Partial<Estate['approvals']> = {}, approvers?: Estate['approvers']) {
  const approvals = memoryApprovals();
  const estate = {
    name: 'acme',
    approvals: { count: 1, tier0: 2, handover: 2, self: false, ...rules },
    approvers: approvers ?? Object.entries(people).map(([name, key]) => ({ name, key: key.public })),
  };
  const deps = { estate, approvals, passkeys: none, now: () => new Date('2026-11-21T00:00:00Z') };
  const signature = (name: Name, subject: Pick<Subject, 'id' | 'hash'> = plan, of = 'acme') =>
    signApproval({ id: subject.id, hash: subject.hash, estate: of }, people[name].private, 'id_test');
  const give = (name: Name, subject: Subject = plan) => approve(deps, subject, { approver: name, signature: signature(name, subject) });
  return { deps, approvals, signature, give };
}

describe('counting', () => {
  it('one signature is enough for a plan that touches no tier 0', async () => {
    const { deps, give } = setUp();
    expect((await refusal(assertApproved(deps, plan))).code).toBe('approval-missing');
    const { status } = await give('alice');
    expect(status).toEqual({
      needed: 1,
      given: [{ name: 'alice', method: 'ssh', key: people.alice.public.split(' ').slice(0, 2).join(' '), at: '2026-11-21T00:00:00.000Z' }],
      void: [],
      refused: [],
    });
    await expect(assertApproved(deps, plan)).resolves.toEqual(status);
  });
  it('tier 0 takes the tier-0 count, and the refusal names who may still sign and the command', async () => {
    const { deps, give } = setUp();
    const tier0 = { ...plan, tier0: true };
    await give('alice', tier0);
    const problem = await refusal(assertApproved(deps, tier0));
    expect(problem.message).toContain('1 of 2 approvals (alice)');
    expect(problem.message).toContain('bob, carol');
    expect(problem.hint).toBe('rekey approve P-7K3QX2MA --as NAME --key FILE');
    await give('bob', tier0);
    await expect(assertApproved(deps, tier0)).resolves.toMatchObject({ needed: 2 });
  });
  it('the stricter of count and tier0 counts', async () => {
    const { deps } = setUp({ count: 3, tier0: 2 });
    expect((await approvalStatus(deps, { ...plan, tier0: true })).needed).toBe(3);
  });
  it('a hand-over has its own count', async () => {
    const { deps, give } = setUp();
    const handover: Subject = { ...plan, kind: 'handover', id: 'H-7K3QX2MA' };
    await give('alice', handover);
    expect((await refusal(assertApproved(deps, handover))).message).toContain('hand-over H-7K3QX2MA has 1 of 2');
    await give('carol', handover);
    await expect(assertApproved(deps, handover)).resolves.toMatchObject({ needed: 2 });
  });
  it('approving twice is one approval, and changes nothing stored', async () => {
    const { deps, give, approvals } = setUp({ count: 2 });
    const first = (await give('bob')).stored;
    await give('bob');
    expect(approvals.rows.get('P-7K3QX2MA bob')).toBe(first);
    expect((await refusal(assertApproved(deps, plan))).message).toContain('1 of 2');
  });
  it('two names on one key are one approver', async () => {
    const { deps, approvals } = setUp({ count: 2 }, [
      { name: 'alice', key: people.alice.public },
      { name: 'alias', key: people.alice.public },
    ]);
    const signature = signApproval({ id: plan.id, hash: plan.hash, estate: 'acme' }, people.alice.private, 'id_test');
    await approve(deps, plan, { approver: 'alice', signature });
    const { status } = await approve(deps, plan, { approver: 'alias', signature });
    expect(approvals.rows.size).toBe(2);
    expect(status.given.map((g) => g.name)).toEqual(['alice']);
  });
  it('an estate that asks for none needs none', async () => {
    const { deps } = setUp({ count: 0 });
    await expect(assertApproved(deps, plan)).resolves.toMatchObject({ needed: 0 });
  });
  it('says so when the estate has too few approvers left', async () => {
    const { deps } = setUp({ count: 3 }, [{ name: 'alice', key: people.alice.public }]);
    expect((await refusal(assertApproved(deps, plan))).message).toContain('only 1 more approver may');
  });
});

describe('refusing', () => {
  const cases: [string, (s: ReturnType<typeof setUp>) => Promise<unknown>, string][] = [
    [
      'somebody who is no approver',
      ({ deps, signature }) => approve(deps, plan, { approver: 'mallory', signature: signature('alice') }),
      'not an approver',
    ],
    [
      'a key of another approver',
      ({ deps, signature }) => approve(deps, plan, { approver: 'bob', signature: signature('alice') }),
      "not bob's",
    ],
    [
      'a signature over another plan',
      ({ deps, signature }) =>
        approve(deps, plan, { approver: 'alice', signature: signature('alice', { id: 'P-00000000', hash: plan.hash }) }),
      'something else',
    ],
    [
      'a signature over another hash',
      ({ deps, signature }) =>
        approve(deps, plan, { approver: 'alice', signature: signature('alice', { id: plan.id, hash: 'b'.repeat(64) }) }),
      'something else',
    ],
    [
      'a signature for another estate',
      ({ deps, signature }) => approve(deps, plan, { approver: 'alice', signature: signature('alice', plan, 'other') }),
      'something else',
    ],
    [
      'another namespace',
      ({ deps }) => approve(deps, plan, { approver: 'alice', signature: vectors.keys[0]!.otherNamespace }),
      'namespace "file"',
    ],
    ['text that is no signature', ({ deps }) => approve(deps, plan, { approver: 'alice', signature: 'yes' }), 'not an SSH signature'],
    ['the author of the plan', ({ give }) => give('alice', { ...plan, createdBy: 'alice' }), 'nobody approves their own'],
  ];
  it.each(cases)('%s', async (_, attempt, reason) => {
    const set = setUp();
    const problem = await refusal(attempt(set));
    expect(problem.code).toBe('not-permitted');
    expect(problem.message).toContain(reason);
    expect(problem.hint).toBeTruthy();
    expect(set.approvals.rows.size).toBe(0);
  });
  it('the author under a second name with the same key', async () => {
    const { deps, signature } = setUp({}, [
      { name: 'alice', key: people.alice.public },
      { name: 'alias', key: people.alice.public },
    ]);
    const problem = await refusal(approve(deps, { ...plan, createdBy: 'alice' }, { approver: 'alias', signature: signature('alice') }));
    expect(problem.message).toContain('nobody approves their own');
  });
  it('the author is welcome where the estate allows self', async () => {
    const { give } = setUp({ self: true });
    expect((await give('alice', { ...plan, createdBy: 'alice' })).status.given).toHaveLength(1);
  });
  it('an expired plan', async () => {
    const { give, approvals } = setUp();
    expect((await refusal(give('alice', { ...plan, expiresAt: new Date('2026-11-21T00:00:00Z') }))).code).toBe('plan-stale');
    expect(approvals.rows.size).toBe(0);
  });
});

describe('an approval that was stored stops counting', () => {
  it('when the plan’s hash changes', async () => {
    const { deps, give } = setUp();
    await give('alice');
    expect((await refusal(assertApproved(deps, { ...plan, hash: 'c'.repeat(64) }))).details[0]?.message).toContain('alice');
  });
  it('when the approver leaves the estate', async () => {
    const { deps, give } = setUp();
    await give('alice');
    const estate = { ...deps.estate, approvers: deps.estate.approvers.filter((a) => a.name !== 'alice') };
    expect((await refusal(assertApproved({ ...deps, estate }, plan))).details[0]?.message).toContain('not an approver');
  });
  it('when somebody wrote the row into the store by hand', async () => {
    const { deps, approvals, signature } = setUp();
    await approvals.put(
      plan.id,
      {
        approver: 'bob',
        method: 'ssh',
        publicKey: people.bob.public,
        signature: signature('alice'),
        at: new Date(),
      },
      'line',
    );
    await approvals.put(plan.id, { approver: 'carol', method: 'trust-me', publicKey: '', signature: '', at: new Date() }, 'line');
    expect((await refusal(assertApproved(deps, plan))).details).toHaveLength(2);
  });
});

describe('a refusal', () => {
  const no: Refusal = { by: 'carol', reason: 'the canary is wrong', at: new Date('2026-11-21T00:00:00Z') };
  it('stops a plan that has all its approvals, and says who refused and why', async () => {
    const { deps, give, approvals } = setUp();
    await give('alice');
    approvals.refused.push(no);
    expect((await refusal(assertApproved(deps, plan))).message).toContain('carol refused the plan P-7K3QX2MA: the canary is wrong');
    approvals.refused.pop();
    await expect(assertApproved(deps, plan)).resolves.toMatchObject({ needed: 1 });
  });
  it('takes away the approval of whoever refused, and is not lifted by presenting that approval again', async () => {
    const { deps, give, approvals } = setUp();
    await give('alice');
    approvals.refused.push({ ...no, by: 'alice' });
    expect(await approvalStatus(deps, plan)).toMatchObject({
      given: [],
      void: [{ name: 'alice', why: expect.stringContaining('refused') }],
    });
    expect((await refusal(give('alice'))).code).toBe('conflict');
    expect((await refusal(assertApproved(deps, plan))).message).toContain('alice refused');
  });
});

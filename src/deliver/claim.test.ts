// A claim is used once, by one person, in one place, within its window; and the list, the run's counts and the reveal never disagree about it.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Delivery, deliveryGround, runId } from '../../test/harness/delivery.ts';
import { claimStore } from '../store/claims.ts';
import { closesAt, type Decision, decide, stateOf } from './claim.ts';
import type { ClaimRow } from './claim-port.ts';

const rules = { windowMs: 72 * 3_600_000, reRevealMs: 600_000, perHour: 60 };
const start = new Date('2026-11-20T12:00:00.000Z');
const later = (ms: number): Date => new Date(start.getTime() + ms);
const fresh: ClaimRow = { opensAt: start, revealedAt: null, revealedUntil: null, session: null, reveals: 0, keptAt: null };
const given = (claim: ClaimRow, session: string, at: Date): ClaimRow => {
  const decision = decide(claim, session, at, rules);
  if (decision.kind === 'refuse') throw new Error(decision.why);
  return decision.next;
};

describe('a claim', () => {
  test('is shown once, then again in the same session for ten minutes counted from the first time, and never after', () => {
    const first = given(fresh, 'a', later(1000));
    const again = decide(first, 'a', later(1000 + 599_999), rules);
    expect(again).toMatchObject({ kind: 'give', again: true, next: { reveals: 2, revealedUntil: first.revealedUntil } });
    expect(decide(first, 'a', later(1000 + 600_000), rules)).toEqual({ kind: 'refuse', why: 'used' });
    expect(decide(first, 'b', later(2000), rules)).toEqual({ kind: 'refuse', why: 'shown elsewhere' });
  });
  test('is not shown when its window is over, to the millisecond', () => {
    expect(decide(fresh, 'a', later(rules.windowMs - 1), rules).kind).toBe('give');
    expect(decide(fresh, 'a', closesAt(fresh, rules.windowMs), rules)).toEqual({ kind: 'refuse', why: 'expired' });
  });
  test('that the person said is saved is not shown again, not even in the same session', () => {
    expect(decide({ ...given(fresh, 'a', later(0)), keptAt: later(1) }, 'a', later(2), rules)).toEqual({ kind: 'refuse', why: 'used' });
  });
  test('is withdrawn by a later reset unless it was shown before', () => {
    expect(stateOf(fresh, later(1), rules.windowMs, false)).toBe('withdrawn');
    expect(stateOf(given(fresh, 'a', later(0)), later(1), rules.windowMs, false)).toBe('withdrawn');
    expect(stateOf(given(fresh, 'a', later(0)), later(600_000), rules.windowMs, false)).toBe('used');
  });
  test('whatever is tried in whatever order, every value shown was shown to the first session within its window and the time to see it again', () => {
    const attempt = fc.record({ session: fc.constantFrom('a', 'b', 'c'), wait: fc.integer({ min: 0, max: 80 * 3_600_000 }) });
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 12 }), (attempts) => {
        let claim = fresh;
        let at = start;
        const shown: { session: string; at: number }[] = [];
        for (const { session, wait } of attempts) {
          at = new Date(at.getTime() + wait);
          const decision = decide(claim, session, at, rules);
          if (decision.kind === 'refuse') continue;
          claim = decision.next;
          shown.push({ session, at: at.getTime() });
        }
        const [first] = shown;
        for (const each of shown) {
          expect(each.session).toBe(first?.session);
          expect(each.at - (first?.at ?? 0)).toBeLessThan(rules.reRevealMs);
        }
        if (first) expect(first.at).toBeLessThan(closesAt(fresh, rules.windowMs).getTime());
        expect(claim.reveals).toBe(shown.length);
      }),
    );
  });
});

describe('in the store', () => {
  let ground: Delivery;
  beforeAll(async () => {
    ground = await deliveryGround();
  });
  afterAll(() => ground.close());

  test("the run's counts say of every claim what the page says of it", async () => {
    const keys: string[] = [];
    for (let n = 0; n < 6; n++) keys.push(await ground.add({ id: `uid=p${n}`, identity: `p${n}`, secret: 'x' }));
    const now = ground.clock.now;
    const ago = (ms: number) => new Date(now.getTime() - ms);
    const claim = async (n: number, opens: Date, revealed: Date | null, until: Date | null, kept: Date | null): Promise<void> => {
      await ground.store.query(
        'insert into claim (account, version, person, opens_at, revealed_at, revealed_until, kept_at) values ($1::int8, 1, $2, $3, $4, $5, $6)',
        [keys[n], `p${n}`, opens, revealed, until, kept],
      );
    };
    await claim(1, ago(1), ago(1), new Date(now.getTime() + 1), null); // revealed
    await claim(2, ago(9), ago(9), now, null); // used: its time ended this very moment
    await claim(3, ago(9), ago(9), new Date(now.getTime() + 1), ago(1)); // used: saved
    await claim(4, ago(72 * 3_600_000), null, null, null); // expired this very moment
    await ground.store.query("update secret set state = 'previous' where account = $1::int8", [keys[5]]); // withdrawn
    const claims = claimStore(ground.store);
    const counts = await claims.countsOfRun(runId, null, now, rules.windowMs);
    expect(counts).toEqual({ waiting: 1, revealed: 1, used: 2, expired: 1, withdrawn: 1 });
    const { items } = await claims.ofRun(runId, null, { limit: 100 });
    const told: Record<string, number> = { waiting: 0, revealed: 0, used: 0, expired: 0, withdrawn: 0 };
    for (const { claim: row, current } of items) {
      const state = stateOf(row, now, rules.windowMs, current);
      told[state] = (told[state] ?? 0) + 1;
    }
    expect(told).toEqual(counts);
    expect(await claims.countsOfRun(runId, 'p1', now, rules.windowMs)).toMatchObject({ waiting: 0, revealed: 1, used: 0 });
  });

  test('its pages hold every item once, whatever sign a person’s name has', async () => {
    await ground.store.query(
      "insert into claim (account, version, person, opens_at) select key, 1, 'ü/''%', now() from account where id = 'uid=p0'",
    );
    const claims = claimStore(ground.store);
    const seen: string[] = [];
    for (let cursor: string | undefined, page = 0; page === 0 || cursor !== undefined; page++) {
      const got = await claims.ofRun(runId, null, { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...got.items.map(({ account, person }) => `${account} ${person}`));
      cursor = got.cursor;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(6);
  });

  test('two sessions that ask in the same moment: one gets the value, the other is refused, and both are on record', async () => {
    const key = await ground.add({ id: 'uid=race', identity: 'race', secret: 'x' });
    const claims = claimStore(ground.store);
    const ask = (session: string) =>
      claims.change<Decision>({ account: key, version: 1, person: 'race' }, ground.clock.now, (row) => {
        const result = decide(row, session, ground.clock.now, rules);
        return result.kind === 'give'
          ? { next: result.next, lines: [`{"s":"${session}"}`], result }
          : { lines: [`{"s":"${session}"}`], result };
      });
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map(ask));
    expect(answers.filter(({ kind }) => kind === 'give')).toHaveLength(1);
    expect((await ground.lines()).filter((line) => 's' in line)).toHaveLength(4);
  });

  test('attempts are counted per person and begin anew after an hour', async () => {
    const claims = claimStore(ground.store);
    const at = ground.clock.now;
    const spent = async (who: string, when: Date) => claims.spend(who, when, 3);
    expect([await spent('x', at), await spent('x', at), await spent('x', at), await spent('x', at), await spent('y', at)]).toEqual([
      true,
      true,
      true,
      false,
      true,
    ]);
    expect(await spent('x', new Date(at.getTime() + 3_599_999))).toBe(false);
    expect(await spent('x', new Date(at.getTime() + 3_600_000))).toBe(true);
  });
});

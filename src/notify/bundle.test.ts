// Digest and threads: nothing is lost, nothing is mixed, nobody is woken for what can wait.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundle } from './bundle.ts';
import type { NoticeKind, Waiting } from './port.ts';
import { afterQuiet, bothClocks, dueAt } from './quiet-hours.ts';

const now = new Date('2026-11-21T12:00:00Z');
const kinds: NoticeKind[] = ['decision', 'trouble', 'finished', 'progress'];
const notices = fc
  .array(
    fc.record({
      person: fc.constantFrom('alice', 'bob', ''),
      channel: fc.constantFrom('mail', 'room'),
      thread: fc.constantFrom('P-1', 'P-2'),
      kind: fc.constantFrom(...kinds),
      minutes: fc.integer({ min: -30, max: 30 }),
    }),
    { maxLength: 30 },
  )
  .map((list) =>
    list.map(
      ({ minutes, ...rest }, n): Waiting => ({
        ...rest,
        key: String(n),
        event: String(n),
        urgent: false,
        ask: false,
        dueAt: new Date(now.getTime() + minutes * 60_000),
        body: { at: now.toISOString(), headline: `h${n}`, why: '', can: [], until: null },
      }),
    ),
  );

describe('bundling', () => {
  it('every notice is in one message at most, in order, and no message mixes people, channels or conversations', () => {
    fc.assert(
      fc.property(notices, (waiting) => {
        const messages = bundle(waiting, now);
        const keys = messages.flatMap((m) => m.notices.map((n) => n.key));
        expect(new Set(keys).size).toBe(keys.length);
        for (const m of messages) {
          for (const n of m.notices) expect([n.channel, n.person, n.thread]).toEqual([m.channel, m.person, m.thread]);
          expect(m.notices.map((n) => Number(n.key))).toEqual([...m.notices.map((n) => Number(n.key))].sort((a, b) => a - b));
          expect(m.template).toBe(kinds.find((kind) => m.notices.some((n) => n.kind === kind)));
        }
        expect(new Set(messages.map((m) => JSON.stringify([m.channel, m.person, m.thread]))).size).toBe(messages.length);
      }),
    );
  });

  it('what is due goes out with all of its conversation, and where nothing is due nothing goes out', () => {
    fc.assert(
      fc.property(notices, (waiting) => {
        const same = (a: Waiting, b: Waiting): boolean => a.channel === b.channel && a.person === b.person && a.thread === b.thread;
        const expected = waiting.filter((n) => waiting.some((d) => same(n, d) && d.dueAt <= now)).map((n) => n.key);
        const sent = bundle(waiting, now).flatMap((m) => m.notices.map((n) => n.key));
        expect([...sent].sort()).toEqual([...expected].sort());
      }),
    );
  });
});

describe('quiet hours', () => {
  const night = { digestMinutes: 15, timezone: 'Europe/Vienna', quietHours: { from: '22:00', to: '07:00' } };
  const localTime = (at: Date): string =>
    new Intl.DateTimeFormat('en-GB', { timeZone: night.timezone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);

  it('nothing but tier 0 is due in them, and nothing is put off by more than their length', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2026-01-01'), max: new Date('2027-12-31'), noInvalidDate: true }),
        fc.boolean(),
        fc.boolean(),
        (at, urgent, tier0) => {
          const due = dueAt(at, { urgent, tier0 }, night);
          if (urgent && tier0) expect(due).toEqual(at);
          else {
            expect(localTime(due) >= '07:00' && localTime(due) < '22:00').toBe(true);
            expect(due.getTime()).toBeGreaterThanOrEqual(at.getTime());
            expect(due.getTime() - at.getTime()).toBeLessThanOrEqual((9 * 60 + 15 + 61) * 60_000);
          }
        },
      ),
    );
  });

  it('hold when the clocks change, and over midnight as within a day', () => {
    // 29 March 2026: 02:00 becomes 03:00 in Vienna.
    expect(afterQuiet(new Date('2026-03-28T23:30:00Z'), night).toISOString()).toBe('2026-03-29T05:00:00.000Z');
    expect(
      afterQuiet(new Date('2026-11-21T12:00:30Z'), { ...night, timezone: 'UTC', quietHours: { from: '12:00', to: '12:30' } }).toISOString(),
    ).toBe('2026-11-21T12:30:00.000Z');
    expect(afterQuiet(now, night)).toEqual(now);
  });

  it('a time is told in UTC and on the reader’s clock', () => {
    expect(bothClocks('2026-11-21T23:10:00Z', 'Europe/Vienna')).toBe('2026-11-21 23:10 UTC (2026-11-22 00:10 Europe/Vienna)');
    expect(bothClocks('2026-11-21T23:10:00Z', 'UTC')).toBe('2026-11-21 23:10 UTC');
  });
});

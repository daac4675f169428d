import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Breaker } from './breaker.ts';
import { Pace } from './pace.ts';

describe('pace of a lane', () => {
  it('never admits more than the declared rate, whatever the concurrency', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const pace = new Pace({ concurrency: 50, perSecond: 20 });
    let admitted = 0;
    const loop = async (): Promise<void> => {
      for (;;) {
        await pace.enter(0);
        admitted++;
        pace.report({ kind: 'ok', ms: 1 });
      }
    };
    for (let i = 0; i < 10; i++) void loop();
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    expect(admitted).toBeGreaterThan(150);
    expect(admitted).toBeLessThanOrEqual(205);
  });

  it('a Retry-After closes the lane for that long', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const pace = new Pace({ concurrency: 4, perSecond: 1000 });
    await pace.enter(0);
    pace.report({ kind: 'throttled', retryAfterMs: 5000 });
    let open = false;
    void pace.enter(0).then(() => {
      open = true;
    });
    await vi.advanceTimersByTimeAsync(4900);
    expect(open).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    vi.useRealTimers();
    expect(open).toBe(true);
  });

  it('whoever is in hand the longest goes first, whatever the order of arrival; who comes new overtakes nobody', async () => {
    const pace = new Pace({ concurrency: 2, perSecond: 1e9 });
    await pace.enter(0);
    const admitted: number[] = [];
    const call = async (since: number): Promise<void> => {
      await pace.enter(since);
      admitted.push(since);
      pace.report({ kind: 'ok', ms: 1 });
    };
    const calls = [5, 3, 9, 1, 3, 7].map(call);
    pace.report({ kind: 'ok', ms: 1 });
    await Promise.all([...calls, call(8)]);
    expect(admitted).toEqual([1, 3, 3, 5, 7, 8, 9]);
  });

  it('nobody waits for ever: any mix of ranks, faults and rates ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.constantFrom(200, 1e9),
        fc.array(fc.record({ since: fc.integer({ min: 0, max: 5 }), ok: fc.boolean() }), { minLength: 1, maxLength: 30 }),
        async (concurrency, perSecond, calls) => {
          const pace = new Pace({ concurrency, perSecond });
          await Promise.all(
            calls.map(async ({ since, ok }) => {
              await pace.enter(since);
              await new Promise((resolve) => setImmediate(resolve));
              pace.report(ok ? { kind: 'ok', ms: 1 } : { kind: 'slow' });
            }),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('faults halve the window, successes win it back one by one', async () => {
    const pace = new Pace({ concurrency: 16, perSecond: 1e9 });
    const before = pace.concurrency;
    await pace.enter(0);
    pace.report({ kind: 'slow' });
    expect(pace.concurrency).toBe(before / 2);
    for (let i = 0; i < 200; i++) {
      await pace.enter(0);
      pace.report({ kind: 'ok', ms: 1 });
    }
    expect(pace.concurrency).toBe(16);
  });
});

describe('breaker of a system', () => {
  it('opens after ten failures in a row, tries again alone, and gives up after its trials', () => {
    let now = 0;
    const breaker = new Breaker({}, () => now);
    for (let i = 0; i < 9; i++) breaker.failure('down');
    expect(breaker.state.kind).toBe('closed');
    breaker.failure('down');
    for (let trial = 0; trial < 4; trial++) {
      expect(breaker.state.kind).toBe('open');
      breaker.failure('a late answer of the same burst');
      expect(breaker.state.kind).toBe('open');
      now += 2000 * 2 ** trial;
      breaker.failure('still down');
    }
    expect(breaker.state).toEqual({ kind: 'given-up', reason: 'still down' });
  });

  it('one success closes it: scattered failures never stop a system', () => {
    const breaker = new Breaker();
    for (let i = 0; i < 100; i++) {
      breaker.failure('flaky');
      if (i % 9 === 8) breaker.success();
    }
    expect(breaker.state.kind).toBe('closed');
  });
});

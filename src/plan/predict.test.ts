// Predictions follow the slowest of latency, rate and narrowest door, go by what was timed and seen before what is declared, and add up over waves.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SystemSpec } from '../estate/estate.ts';
import type { ConnectorFacts } from './judge.ts';
import type { MeasuredPace } from './port.ts';
import { ownDoor, type PathFacts, paceOf, predict, type SystemPace, waveSeconds } from './predict.ts';

const spec = (limits: SystemSpec['limits'] = {}, paths: SystemSpec['paths'] = []) => ({ limits, paths }) as SystemSpec; // paceOf reads these two
const connector = (pace: ConnectorFacts['pace']) => ({ pace }) as ConnectorFacts; // paceOf reads this one
const fast = connector({ perSecond: 1000, concurrency: 10, setMs: 60, probeMs: 10 });
/** A system has to be opened first, and where it has a second replica that is looked at once more. */
const opening = 0.7;
const converging = 2;
const vpn: SystemSpec['paths'][number] = { id: 'vpn', probe: 'radius', config: {} };
const facts: PathFacts = (id) => (id === 'radius' ? connector({ perSecond: 20, concurrency: 1, setMs: 1, probeMs: 40 }) : undefined);
const of = (seen: MeasuredPace = {}, where = spec(), what = fast): SystemPace => paceOf(where, what, seen, facts);
const refused = (ms: number) => ({ ms, refused: true });
const lanes = { 6: { items: 100, ms: 12_000, fixedMs: 2_000 } };

describe('by what connectors declare', () => {
  it('latency decides where the rate allows more: 10 at once, 100 ms each, is 100 a second after the first', () => {
    expect(of().seconds(1001)).toBeCloseTo(opening + 10.1);
    expect(of().basis).toBe('declared');
  });
  it('the rate of the estate file decides where it is the smaller: five calls an account at 50 calls a second', () => {
    expect(of({}, spec({ perSecond: 50 })).seconds(1001)).toBeCloseTo(opening + 100.1);
  });
  it('limits of the estate file only ever slow down', () => {
    expect(of({}, spec({ perSecond: 1e9, concurrency: 10 })).seconds(1001)).toBe(of().seconds(1001));
    expect(of({}, spec({ concurrency: 1 })).seconds(101)).toBeCloseTo(opening + 10.1);
  });
  it('a further path costs what its own connector needs, one at a time where it lets in one, and no faster than its rate', () => {
    const behind = of({}, spec({}, [vpn]));
    expect(behind.seconds(1)).toBeCloseTo(opening + 0.1 + 4 * 0.04);
    expect(behind.seconds(101) - behind.seconds(1)).toBeCloseTo(100 * (4 / 20));
  });
  it('every replica that discovery has counted is proved: two controllers, two ceremonies, and one look more until the second has the write', () => {
    expect(of({ cells: { [ownDoor]: 2 } }).seconds(1)).toBeCloseTo(opening + converging + 0.06 + 8 * 0.01);
    expect(of({ cells: { [ownDoor]: 1, vpn: 3 } }, spec({}, [vpn])).seconds(1)).toBeCloseTo(opening + 0.06 + 4 * 0.01 + 12 * 0.04);
  });
});

describe('by logins that discovery has timed', () => {
  it('a door that answers quicker than declared is taken at its word, and its declared rate no longer holds it up', () => {
    const timed = of({ logins: { [ownDoor]: refused(10), vpn: refused(5) } }, spec({}, [vpn]));
    expect(timed.seconds(1)).toBeCloseTo(opening + 0.1 + 4 * 0.005);
    expect(timed.seconds(101) - timed.seconds(1)).toBeCloseTo(100 * 4 * 0.005);
    expect(timed.basis).toBe('doors');
  });
  it('where logins are slower than declared, so is the write; where they are quicker, it is not', () => {
    expect(of({ logins: { [ownDoor]: refused(50) } }).seconds(1)).toBeCloseTo(opening + 5 * 0.06 + 4 * 0.05);
    expect(of({ logins: { [ownDoor]: refused(1) } }).seconds(1)).toBeCloseTo(opening + 0.06 + 4 * 0.001);
  });
  it('a target that has no word on nobody shows that it is slow, not that it is quick', () => {
    const wordless = (ms: number) => of({ logins: { [ownDoor]: { ms, refused: false } } });
    expect(wordless(50).seconds(1)).toBeCloseTo(opening + 5 * 0.06 + 4 * 0.05);
    expect(wordless(1).seconds(1001)).toBe(of().seconds(1001));
    expect(wordless(50).basis).toBe('declared');
  });
  it('one door that was not timed leaves all of it a guess, though a better one', () => {
    expect(of({ logins: { vpn: refused(5) } }, spec({}, [vpn])).basis).toBe('declared');
    expect(of({ logins: { [ownDoor]: refused(5) } }, spec({}, [vpn])).basis).toBe('declared');
    expect(of({ logins: { vpn: refused(5) } }, spec({}, [vpn])).seconds(1)).toBeCloseTo(opening + 0.1 + 4 * 0.005);
  });
});

describe('by lanes of former runs', () => {
  it('what a lane has shown wins over logins that were timed and over what is declared', () => {
    const seen = of({ lanes, logins: { [ownDoor]: refused(5_000) }, cells: { [ownDoor]: 4 } });
    expect(seen.seconds(100)).toBeCloseTo(12);
    expect(seen.seconds(1000)).toBeCloseTo(102);
    expect(seen.basis).toBe('lanes');
  });
  it('a limit set after a lane was seen still holds', () => {
    expect(of({ lanes }, spec({ perSecond: 5 })).seconds(100)).toBeCloseTo(2 + 100);
    expect(of({ lanes }, spec({ concurrency: 200 })).seconds(100)).toBeCloseTo(12);
  });
});

it('whatever was seen: nothing takes no time, something takes some, and the number is one', () => {
  const login = fc.record({ ms: fc.integer({ min: 0, max: 60_000 }), refused: fc.boolean() });
  const seen = fc.record(
    {
      logins: fc.record({ [ownDoor]: login, vpn: login }, { requiredKeys: [] }),
      cells: fc.record({ vpn: fc.integer({ min: 1, max: 9 }) }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(seen, fc.integer({ min: 1, max: 1_000_000 }), fc.nat(1000), (was, items, more) => {
      const pace = of(was, spec({}, [vpn]));
      expect(pace.seconds(0)).toBe(0);
      expect(pace.seconds(items)).toBeGreaterThan(0);
      expect(pace.seconds(items + more)).toBeGreaterThanOrEqual(pace.seconds(items));
      const { seconds, low, high } = predict([[{ items, pace }]]);
      expect(Number.isFinite(seconds) && low <= seconds && seconds <= high).toBe(true);
    }),
  );
});

describe('a plan', () => {
  const pace = of();
  it('has the systems of a wave side by side, and waves one after another', () => {
    const load = { items: 1000, pace };
    const one = waveSeconds([load]);
    expect(one).toBeCloseTo(0.3 + opening + 10.1, 1);
    expect(waveSeconds([load, { items: 10, pace }])).toBe(one);
    expect(predict([[load], [load]]).seconds).toBeCloseTo(2 * one);
  });
  it('is the less certain the less was seen: lanes, then logins, then what is declared', () => {
    const width = (seen: MeasuredPace): number => {
      const { low, high } = predict([[{ items: 1000, pace: of(seen) }]]);
      return high / low;
    };
    expect(width({ lanes })).toBeLessThan(width({ logins: { [ownDoor]: refused(10) } }));
    expect(width({ logins: { [ownDoor]: refused(10) } })).toBeLessThan(width({}));
  });
  it('is as uncertain in each wave as the least certain system of it: a short guess beside a long one that was seen widens little', () => {
    const seen = of({ lanes });
    const [both, known] = [predict([[{ items: 1000, pace: seen }], [{ items: 1, pace }]]), predict([[{ items: 1000, pace: seen }]])];
    expect(both.low / both.seconds).toBeGreaterThan(0.7);
    expect(both.high / both.seconds).toBeGreaterThan(known.high / known.seconds);
    expect(both.high / both.seconds).toBeLessThan(1.6);
    const beside = predict([
      [
        { items: 1000, pace: seen },
        { items: 1, pace },
      ],
    ]);
    expect([beside.low / beside.seconds, beside.high / beside.seconds]).toEqual([expect.closeTo(0.5, 1), expect.closeTo(2.5, 1)]);
  });
  it('of nothing takes no time', () => {
    expect(predict([])).toEqual({ seconds: 0, low: 0, high: 0 });
  });
});

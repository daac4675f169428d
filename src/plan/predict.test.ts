// Predictions follow the slowest of latency, rate and narrowest door, add up over waves, and become what was seen once a lane has run.
import { expect, it } from 'vitest';
import type { SystemSpec } from '../estate/estate.ts';
import type { ConnectorFacts } from './judge.ts';
import type { MeasuredPace } from './port.ts';
import { ownDoor, type PathFacts, paceOf, predict, secondsFor, waveSeconds } from './predict.ts';

const spec = (limits: SystemSpec['limits'] = {}, paths: SystemSpec['paths'] = []) => ({ limits, paths }) as SystemSpec; // paceOf reads these two
const connector = (pace: ConnectorFacts['pace']) => ({ pace }) as ConnectorFacts; // paceOf reads this one
const fast = connector({ perSecond: 1000, concurrency: 10, setMs: 60, probeMs: 10 });
/** A system that was never worked on has to be opened first. */
const opening = 0.7;
const vpn: SystemSpec['paths'][number] = { id: 'vpn', probe: 'radius', config: {} };
const facts: PathFacts = (id) => (id === 'radius' ? connector({ perSecond: 1000, concurrency: 1, setMs: 1, probeMs: 40 }) : undefined);
const of = (seen: MeasuredPace = {}, where = spec(), what = fast) => paceOf(where, what, seen, facts);

it('latency decides where the rate allows more: 10 at once, 100 ms each, is 100 a second after the first', () => {
  expect(secondsFor(1001, of())).toBeCloseTo(opening + 10.1);
});
it('the rate decides where it is the smaller: five calls an account at 50 calls a second', () => {
  expect(secondsFor(1001, of({}, spec({ perSecond: 50 })))).toBeCloseTo(opening + 100.1);
});
it('limits of the estate file only ever slow down', () => {
  expect(of({}, spec({ perSecond: 1e9, concurrency: 10 }))).toEqual(of());
});
it('a further path costs what its own connector needs, one at a time where it lets in one', () => {
  expect(of({}, spec({}, [vpn])).firstSeconds).toBeCloseTo(opening + 0.1 + 4 * 0.04);
  expect(of({}, spec({}, [vpn])).secondsPerItem).toBeCloseTo(4 * 0.04);
});
it('every replica that discovery has counted is proved: two controllers, two ceremonies', () => {
  expect(of({ cells: { [ownDoor]: 2 } }).firstSeconds).toBeCloseTo(opening + 0.06 + 8 * 0.01);
  expect(of({ cells: { [ownDoor]: 2, vpn: 3 } }, spec({}, [vpn])).firstSeconds).toBeCloseTo(opening + 0.06 + 8 * 0.01 + 12 * 0.04);
});
it('what a lane has shown wins over what is declared, and narrows the range', () => {
  const measured = of({ firstMs: 3000, itemMs: 100, items: 50 });
  expect(secondsFor(1001, measured)).toBeCloseTo(103);
  const [wide, narrow] = [predict([[{ items: 1000, pace: of() }]]), predict([[{ items: 1000, pace: measured }]])];
  expect(narrow.high / narrow.low).toBeLessThan(wide.high / wide.low);
});
it('a lane of one item has shown how long one takes; the next are still a guess, and the range says so', () => {
  const half = of({ firstMs: 3000, items: 1 });
  expect(secondsFor(11, half)).toBeCloseTo(3.1);
  expect(half.measured).toBe(false);
});
it('a limit set after a lane was seen still holds', () => {
  expect(of({ firstMs: 3000, itemMs: 10, items: 50 }, spec({ perSecond: 5 })).secondsPerItem).toBeCloseTo(1);
});
it('systems of a wave run side by side, waves one after another', () => {
  const pace = of();
  const one = waveSeconds([{ items: 1000, pace }]);
  expect(
    waveSeconds([
      { items: 1000, pace },
      { items: 10, pace },
    ]),
  ).toBe(one);
  expect(predict([[{ items: 1000, pace }], [{ items: 1000, pace }]]).seconds).toBeCloseTo(2 * one);
});
it('what a lane took until its first item holds the opening of its system: a wave adds little to it', () => {
  const measured = of({ firstMs: 3000, itemMs: 100, items: 50 });
  expect(waveSeconds([{ items: 1, pace: measured }])).toBeCloseTo(3.3);
});
it('an empty plan takes no time', () => {
  expect(predict([])).toEqual({ seconds: 0, low: 0, high: 0 });
});

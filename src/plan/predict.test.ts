// Predictions follow the slower of rate and latency, add up over waves, and narrow once a pace was measured.
import { expect, it } from 'vitest';
import type { SystemSpec } from '../estate/estate.ts';
import type { ConnectorFacts } from './judge.ts';
import { paceOf, predict, secondsFor, waveSeconds } from './predict.ts';

const spec = (limits: SystemSpec['limits'] = {}, paths: SystemSpec['paths'] = []) => ({ limits, paths }) as SystemSpec; // paceOf reads these two
const connector = (pace: ConnectorFacts['pace']) => ({ pace }) as ConnectorFacts; // paceOf reads this one
const fast = connector({ perSecond: 1000, concurrency: 10, setMs: 60, probeMs: 10 });

it('latency decides where the rate allows more: 10 at once, 100 ms each, is 100 a second', () => {
  expect(secondsFor(1000, paceOf(spec(), fast, {}))).toBeCloseTo(10);
});
it('the rate decides where it is the smaller: five calls an account at 50 calls a second', () => {
  expect(secondsFor(1000, paceOf(spec({ perSecond: 50 }), fast, {}))).toBeCloseTo(100);
});
it('limits of the estate file only ever slow down', () => {
  expect(paceOf(spec({ perSecond: 1e9, concurrency: 1e9 }), fast, {})).toEqual(paceOf(spec(), fast, {}));
});
it('every further path is probed too', () => {
  const two = paceOf(spec({}, [{ id: 'vpn', probe: 'radius', config: {} }]), fast, {});
  expect(two.secondsPerItem).toBeGreaterThan(paceOf(spec(), fast, {}).secondsPerItem);
});
it('a measured pace wins over the declared one and narrows the range', () => {
  const measured = paceOf(spec(), fast, { setMs: 600, probeMs: 100, perSecond: 1000 });
  expect(secondsFor(1000, measured)).toBeCloseTo(100);
  const wide = predict([[{ items: 1000, pace: paceOf(spec(), fast, {}) }]]);
  const narrow = predict([[{ items: 1000, pace: measured }]]);
  expect(narrow.high / narrow.low).toBeLessThan(wide.high / wide.low);
});
it('systems of a wave run side by side, waves one after another', () => {
  const pace = paceOf(spec(), fast, {});
  const one = waveSeconds([{ items: 1000, pace }]);
  expect(
    waveSeconds([
      { items: 1000, pace },
      { items: 10, pace },
    ]),
  ).toBe(one);
  expect(predict([[{ items: 1000, pace }], [{ items: 1000, pace }]]).seconds).toBeCloseTo(2 * one);
});
it('an empty plan takes no time', () => {
  expect(predict([])).toEqual({ seconds: 0, low: 0, high: 0 });
});

// What a lane says of its own time: all of it, and what of it was opening and waiting.
import { expect, it } from 'vitest';
import { LaneTimes } from './lane-times.ts';

type Event = readonly [at: number, what: 'opened' | 'resumed' | number];
/** A number is an item that ended, having waited so long. */
function timesOf(...events: readonly Event[]): ReturnType<LaneTimes['seen']> {
  let now = 1000;
  const times = new LaneTimes(() => now);
  for (const [at, what] of events) {
    now = 1000 + at;
    if (what === 'opened') times.opened();
    else if (what === 'resumed') times.resumed();
    else times.finished(what);
  }
  return times.seen();
}

it('nothing finished, nothing seen', () => {
  expect(timesOf([300, 'opened'])).toBeUndefined();
});
it('a lane lasts until its last item, and the opening is fixed', () => {
  expect(timesOf([300, 'opened'], [700, 0], [900, 0], [1500, 0])).toEqual({ items: 3, ms: 1500, fixedMs: 300 });
});
it('items wait side by side: the longest wait is the lane’s, not the sum', () => {
  expect(timesOf([300, 'opened'], [2700, 2000], [2800, 2100], [2900, 0])).toEqual({ items: 3, ms: 2900, fixedMs: 2400 });
});
it('what is fixed is never more than all of it', () => {
  expect(timesOf([300, 'opened'], [1000, 5000])).toEqual({ items: 1, ms: 1000, fixedMs: 1000 });
});
it('a lane that took up items begun before says nothing: a second proof is no reset', () => {
  expect(timesOf([300, 'opened'], [310, 'resumed'], [700, 0])).toBeUndefined();
});

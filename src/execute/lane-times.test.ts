// What a lane says of its own time: until the first item, then for each further one.
import { expect, it } from 'vitest';
import { LaneTimes } from './lane-times.ts';

function timesOf(...finishedAt: number[]): ReturnType<LaneTimes['seen']> {
  let now = 0;
  const times = new LaneTimes(() => now);
  for (now of finishedAt) times.finished();
  return times.seen();
}

it('nothing finished, nothing seen', () => {
  expect(timesOf()).toBeUndefined();
});
it('one item tells how long one takes, and nothing of the next', () => {
  expect(timesOf(700)).toEqual({ items: 1, firstMs: 700 });
});
it('the way from the first to the last is shared by those after the first', () => {
  expect(timesOf(2000, 2100, 2200, 2600)).toEqual({ items: 4, firstMs: 2000, itemMs: 200 });
});

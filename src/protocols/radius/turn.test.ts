// No more logins than allowed at a time; whoever waits too long has started nothing.
import { expect, test } from 'vitest';
import { Turns } from './turn.ts';

const until = (ms: number, signal = new AbortController().signal) => ({ deadline: performance.now() + ms, signal });

test('never more at once than allowed, and everyone gets a turn', async () => {
  const turns = new Turns(2);
  let now = 0;
  let most = 0;
  const work = async (): Promise<number> => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 5));
    return now--;
  };
  const done = await Promise.all(Array.from({ length: 9 }, () => turns.take(work, until(5000))));
  expect(done.every((each) => each !== undefined)).toBe(true);
  expect(most).toBe(2);
});

test('without a turn in time nothing is started, and the place is not lost', async () => {
  const turns = new Turns(1);
  let end = (): void => {};
  const first = turns.take(() => new Promise<void>((resolve) => (end = resolve)), until(5000));
  let started = false;
  const late = await turns.take(async () => {
    started = true;
  }, until(10));
  expect([late, started]).toEqual([undefined, false]);
  end();
  await first;
  expect(await turns.take(async () => 'mine', until(10))).toBe('mine');
});

test('an abort ends the wait', async () => {
  const turns = new Turns(1);
  let end = (): void => {};
  const first = turns.take(() => new Promise<void>((resolve) => (end = resolve)), until(5000));
  const controller = new AbortController();
  const waiting = turns.take(async () => 'mine', until(5000, controller.signal));
  controller.abort();
  expect(await waiting).toBeUndefined();
  end();
  await first;
});

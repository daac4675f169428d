// Readiness says no while the work could not be done: a store that hangs, a worker that stands still.
import { afterEach, expect, it, vi } from 'vitest';
import type { EngineHandlers } from '../engine/port.ts';
import { assertReady, Heart } from './ready.ts';

afterEach(() => void vi.useRealTimers());

const answering = { query: async () => [] };
const handlers = (housekeep: () => Promise<void>): EngineHandlers => ({ drain: async () => {}, advance: async () => {}, housekeep });

it('a process whose store answers is ready, with a worker that goes round and without one', async () => {
  await assertReady(answering, new Heart());
  const heart = new Heart();
  await heart.of(handlers(async () => {})).housekeep();
  await assertReady(answering, heart);
});

it('a store that does not answer is not waited for', async () => {
  vi.useFakeTimers();
  const asked = assertReady({ query: () => new Promise(() => {}) }, new Heart());
  const refused = expect(asked).rejects.toMatchObject({ code: 'unavailable', message: 'the store does not answer' });
  await vi.advanceTimersByTimeAsync(3001);
  await refused;
});

it('a worker that has not gone round for a minute is told, and one that goes on again is ready again', async () => {
  vi.useFakeTimers();
  const heart = new Heart();
  const beating = heart.of(handlers(async () => {}));
  vi.advanceTimersByTime(60_001);
  await expect(assertReady(answering, heart)).rejects.toMatchObject({ code: 'unavailable' });
  await beating.housekeep();
  await assertReady(answering, heart);
});

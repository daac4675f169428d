// A file system that hangs ends as indeterminate; work that can still answer is heard.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { done, type Outcome, refused } from '../../kit/kit.ts';
import { bounded } from './bounded.ts';

const never = (): Promise<Outcome<void>> => new Promise(() => {});
const io = (timeoutMs: number, signal = new AbortController().signal) => ({ timeoutMs, signal });

test('what hangs is given up after its time, and at once after a stop', async () => {
  expect(await bounded(io(30), never)).toMatchObject({ kind: 'indeterminate', fault: { target: 'ETIMEDOUT' } });
  const controller = new AbortController();
  const stopped = bounded(io(60_000, controller.signal), never);
  controller.abort();
  expect(await stopped).toMatchObject({ kind: 'indeterminate', fault: { target: 'ABORTED' } });
  expect(await bounded(io(60_000, controller.signal), never)).toMatchObject({ fault: { target: 'ABORTED' } });
});

test('an answer that comes with the end of the time is taken', async () => {
  expect(await bounded(io(20), () => sleep(60).then(() => refused('conflict', 'locked')))).toMatchObject({ kind: 'refused' });
  expect(await bounded(io(1_000), async () => done(1))).toEqual({ kind: 'done', value: 1 });
});

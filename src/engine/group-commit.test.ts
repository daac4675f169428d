import { describe, expect, it } from 'vitest';
import { GroupCommit } from './group-commit.ts';

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('group commit', () => {
  it('what arrives while a commit runs goes into the next one', async () => {
    const batches: number[] = [];
    const commit = new GroupCommit<number>(
      async (batch) => {
        batches.push(batch.length);
        await later(20);
        return batch.map(() => true);
      },
      { inFlight: 1 },
    );
    const first = commit.push(1);
    await later(5);
    const rest = Array.from({ length: 50 }, (_, i) => commit.push(i));
    await Promise.all([first, ...rest]);
    expect(batches).toEqual([1, 50]);
  });

  it('each record learns its own fate: one fenced item does not fence its neighbours', async () => {
    const commit = new GroupCommit<number>(async (batch) => batch.map((n) => n % 2 === 0), { inFlight: 1 });
    expect(await Promise.all([1, 2, 3, 4].map((n) => commit.push(n)))).toEqual([false, true, false, true]);
  });

  it('a failed commit is reported to everyone in it, and the next one still runs', async () => {
    let broken = true;
    const commit = new GroupCommit<number>(
      async (batch) => {
        if (broken) throw new Error('disk full');
        return batch.map(() => true);
      },
      { inFlight: 1 },
    );
    await expect(Promise.all([commit.push(1), commit.push(2)])).rejects.toThrow('disk full');
    broken = false;
    expect(await commit.push(3)).toBe(true);
  });

  it('no batch is larger than its limit and no more flushes run at once than allowed', async () => {
    let running = 0;
    let most = 0;
    let largest = 0;
    const commit = new GroupCommit<number>(
      async (batch) => {
        running++;
        most = Math.max(most, running);
        largest = Math.max(largest, batch.length);
        await later(2);
        running--;
        return batch.map(() => true);
      },
      { max: 10, inFlight: 3 },
    );
    await Promise.all(Array.from({ length: 200 }, (_, i) => commit.push(i)));
    expect(largest).toBe(10);
    expect(most).toBe(3);
  });
});

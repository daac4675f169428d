// A lane whose system takes long to open stays held, and one that was taken meanwhile is not worked on.
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { keepLane } from './keep-lane.ts';
import type { Claim, LaneStore } from './port.ts';
import { type WorkLane, workLane } from './work-lane.ts';

describe('a system that is slow to open', () => {
  it('keeps its lane: it beats while it is opened, and once more when it is open', async () => {
    let opened: () => void = () => {};
    const opening = new Promise<string>((resolve) => {
      opened = () => resolve('open');
    });
    const beats: string[] = [];
    let state = 'opening';
    const kept = keepLane(
      () => opening,
      async () => beats.push(state) > 0,
      1,
    );
    while (beats.length < 3) await pause(1);
    state = 'open';
    opened();
    expect(await kept).toEqual({ kind: 'held', value: 'open' });
    expect(beats.at(-1)).toBe('open');
  });

  it('has lost its lane when a peer took it meanwhile, be it only at the last look', async () => {
    let left = 3;
    const beat = async () => --left > 0;
    const slow = async () => {
      while (left > 0) await pause(1);
    };
    expect(await keepLane(slow, beat, 1)).toEqual({ kind: 'lost' });
    expect(
      await keepLane(
        async () => 'open',
        async () => false,
        1000,
      ),
    ).toEqual({ kind: 'lost' });
  });

  it('may miss a beat of a store that is away for a moment', async () => {
    let asked = 0;
    const beat = async () => {
      if (++asked === 1) throw new Error('connection ended');
      return true;
    };
    const slow = async () => {
      while (asked < 2) await pause(1);
    };
    expect(await keepLane(slow, beat, 1)).toMatchObject({ kind: 'held' });
  });

  it('is not worked on, read or parked by the worker that lost it', async () => {
    const called: string[] = [];
    const store = new Proxy({} as LaneStore, {
      get: (_, name) => async () => {
        called.push(String(name));
        return name === 'claim' ? ({ lane: '1', run: 'R', system: 'slow' } as Claim) : false;
      },
    });
    const deps = {
      store,
      openSystem: async () => {
        throw new Error('no answer');
      },
    } as unknown as WorkLane; // workLane reaches for no more before it holds the lane
    expect(await workLane(deps, '1', new AbortController().signal)).toBeUndefined();
    expect(called).toEqual(['claim', 'beat']);
  });
});

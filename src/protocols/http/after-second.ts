// Lets the second of a write pass, for servers that date by the second: what they date after it is then certainly later.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Io, type Outcome, refused } from '../../kit/kit.ts';

/** `now` is the server's own clock (the Date header); ours may be minutes off. Undefined result: the second is over. */
export async function afterSecondOf(written: Date, now: Date | undefined, io: Io): Promise<Outcome<never> | undefined> {
  if (now !== undefined && Math.floor(now.getTime() / 1000) > Math.floor(written.getTime() / 1000)) return undefined;
  try {
    await sleep(1000, undefined, { signal: io.signal });
    return undefined;
  } catch {
    return refused('unreachable', 'stopped before anything was done', { target: 'ABORTED' });
  }
}

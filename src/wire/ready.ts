// Whether this process can do its work: the store answers, and its own worker, if it has one, still beats.
import { Problem } from '../domain/problem.ts';
import type { EngineHandlers } from '../engine/port.ts';
import type { Sql } from '../store/sql.ts';

/** A load balancer asks every few seconds and waits no longer itself. */
const answerMs = 3000;
/** The worker looks round every 5 s; twelve times missed is a hang, not a long statement. */
const heartMs = 60_000;

export class Heart {
  #at: number | undefined;

  /** The same handlers; each look round is a beat. */
  of(handlers: EngineHandlers): EngineHandlers {
    this.#at = performance.now();
    return {
      ...handlers,
      housekeep: async () => {
        await handlers.housekeep();
        this.#at = performance.now();
      },
    };
  }

  /** Without a worker there is nothing to beat. */
  get stopped(): boolean {
    return this.#at !== undefined && performance.now() - this.#at > heartMs;
  }
}

export async function assertReady(store: Sql, heart: Heart): Promise<void> {
  if (heart.stopped) throw notReady('the worker of this process stands still');
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(notReady('the store does not answer')), answerMs).unref();
  });
  await Promise.race([store.query('select 1'), late]);
}

const notReady = (message: string): Problem => new Problem('unavailable', { message, hint: 'the log and rekey doctor say more' });

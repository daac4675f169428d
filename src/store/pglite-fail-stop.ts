// An embedded PostgreSQL that failed inside (PANIC, abort, trap, failed fsync) says so before anything else is answered.
// PGlite swallows every exception of its main loop and reports "ready": an fsync that failed would read as a commit, an abort spins for ever.
import type { PGlite } from '@electric-sql/pglite';

/** The exit status by which PGlite's build hands an ordinary SQL error back to the loop: the one exception that is none. */
const sqlError = 100;

type MainLoop = { _PostgresMainLoopOnce: () => void };

/** `stop` must end the thread: what it does last is all that still runs. */
export function failStop(db: PGlite, stop: (error: unknown) => void): void {
  const module = db.Module as unknown as MainLoop; // an export of the build, not of its types
  const once = module._PostgresMainLoopOnce;
  if (typeof once !== 'function') throw new Error('this PGlite has no main loop to watch: pin the version the store was tested with');
  module._PostgresMainLoopOnce = () => {
    try {
      once();
    } catch (error) {
      if ((error as { status?: unknown }).status !== sqlError) stop(error);
      throw error;
    }
  };
}

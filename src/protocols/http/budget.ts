// One span of time for several questions: an operation of many calls ends as early as one of a single call.
import type { Io } from '../../kit/kit.ts';

/** The same host, with what is left of `io.timeoutMs` since now. */
export function budgeted(io: Io): Io {
  const end = performance.now() + io.timeoutMs;
  return {
    ...io,
    get timeoutMs() {
      return Math.max(1, Math.floor(end - performance.now()));
    },
  };
}

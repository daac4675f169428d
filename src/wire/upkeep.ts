// What a serving process does now and then for the tables that servers share: rows whose time is over go.
import { changes } from '../store/changes.ts';
import { keptReplies } from '../store/kept-replies.ts';
import { pastSessions } from '../store/past-sessions.ts';
import { rateLimits } from '../store/rate-limits.ts';
import type { Store } from '../store/sql.ts';
import { toldRows } from '../store/told-rows.ts';

/** A busy minute leaves a few thousand rows: swept in milliseconds. */
const everyMs = 5 * 60_000;

export function startUpkeep(store: Store, report: (error: unknown) => void): () => void {
  const sweep = async (): Promise<void> => {
    for (const table of [rateLimits(store), keptReplies(store), changes(store), toldRows(store), pastSessions(store)]) await table.sweep();
  };
  const timer = setInterval(() => void sweep().catch(report), everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

// The state of the open line, for whoever shows it.
import { useEffect, useSyncExternalStore } from 'react';
import { queries } from '../api/queries.ts';
import { Live, type LiveState } from './live.ts';

const live = new Live(queries);

/** Opens the line while the shell stands. */
export function useOpenLine(): void {
  useEffect(() => live.start(), []);
}

export function useLive(): LiveState {
  return useSyncExternalStore(live.subscribe, live.state);
}

// The runs that are going on (running or paused), for the header: their clock, their names, and what Pause acts on.
import { type Now, useNowView } from '../now/use-now.ts';

export type ActiveRun = Now['active'][number];

export function useActiveRuns(): { readonly data: readonly ActiveRun[] | undefined; readonly waves: Now['waves'] } {
  const { data } = useNowView();
  return { data: data?.active, waves: data?.waves ?? [] };
}

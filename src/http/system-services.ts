// What the routes about systems and about what a plan touches need of the house.
import type { Caller } from '../access/caller.ts';
import type { GraphView } from '../domain/graph-view.ts';
import type { SystemDetail, SystemView } from '../domain/system-view.ts';

export interface SystemServices {
  systems(caller: Caller): Promise<readonly SystemView[]>;
  system(caller: Caller, id: string): Promise<SystemDetail>;
}
export interface GraphServices {
  /** `expand`: ids of groups to show the inside of. */
  planGraph(caller: Caller, plan: string, expand: readonly string[]): Promise<GraphView>;
}

// What the first screen and the screens of one run need of the house.
import type { Caller } from '../access/caller.ts';
import type { NowView, RunSystemView, TimelineView } from '../domain/now-view.ts';
import type { ItemView } from '../domain/view.ts';

export interface NowServices {
  now(caller: Caller): Promise<NowView>;
  runSystems(caller: Caller, run: string): Promise<readonly RunSystemView[]>;
  runTimeline(caller: Caller, run: string, limit: number): Promise<readonly TimelineView[]>;
  item(caller: Caller, run: string, system: string, account: string): Promise<ItemView>;
  itemLog(caller: Caller, run: string, system: string, account: string): Promise<readonly TimelineView[]>;
}

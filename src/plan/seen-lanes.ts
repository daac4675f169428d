// What a lane will take by what lanes of the same system took: the nearest in size speaks; what is fixed stays, and work grows with the items.

/** Seconds of a lane of so many items: those that no item more makes longer, and the work. */
export type LaneModel = (items: number) => { readonly fixed: number; readonly work: number };
/** One lane of a former run. `fixedMs`: of `ms`, opening the system and waiting for others (replication, sessions). */
export type SeenLane = { readonly items: number; readonly ms: number; readonly fixedMs: number };

/**
 * Items below `atOnce` are worked on side by side: one takes about as long as all of them. From there on work grows with their number. The first item of
 * a lane does not tell what one item takes: it shares the target with all the others that are in flight.
 */
export function fromLanes(lanes: readonly SeenLane[], atOnce: number): LaneModel {
  return (items) => {
    const { items: seen, ms, fixedMs } = nearest(lanes, items);
    const each = Math.max(0, ms - fixedMs) / Math.max(seen, atOnce);
    return { fixed: fixedMs / 1000, work: (each * Math.max(items, atOnce)) / 1000 };
  };
}

/** By ratio: for ten items, twenty are as near as five. Of two as near, the larger lane says more. */
function nearest(lanes: readonly SeenLane[], items: number): SeenLane {
  const far = (lane: SeenLane): number => Math.abs(Math.log(lane.items / items));
  return lanes.reduce((best, lane) => (far(lane) < far(best) || (far(lane) === far(best) && lane.items > best.items) ? lane : best));
}

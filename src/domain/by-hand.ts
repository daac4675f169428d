// A task for a person: what no API resets, with the exact instruction, its place among the tasks, and what its target shows once it is done.

export type ByHand = {
  /** Tasks of one kind share a wave: "trusts". */
  readonly task: string;
  /** Place among the tasks of a tier, lowest first. */
  readonly order: number;
  readonly instruction: string;
  /** What `state` reads of it at discovery; absent where the target shows nothing. */
  readonly mark?: string;
};

/** Orders are small numbers: beyond this they share the last place. */
export const mostOrders = 60;

// The order among accounts that work with each other's secrets: whoever uses a secret is rekeyed before the secret is, so that a new
// value is never handed to a workload that still runs on an old one. Circles (Tarjan) share a level and are reported.

export type Levels = {
  /** Node → level, 0 first. Nodes without edges are absent: level 0. */
  readonly levels: ReadonlyMap<number, number>;
  readonly circles: readonly (readonly number[])[];
};

/** `edges`: [used, by] pairs; `by` goes before `used`. Iterative, so that a chain of any length does not end the stack. */
export function dependencyLevels(edges: Iterable<readonly [used: number, by: number]>): Levels {
  const users = new Map<number, number[]>();
  for (const [used, by] of edges) {
    const list = users.get(used);
    if (list === undefined) users.set(used, [by]);
    else list.push(by);
    if (!users.has(by)) users.set(by, []);
  }
  const levels = new Map<number, number>();
  const circles: number[][] = [];
  const index = new Map<number, number>();
  const low = new Map<number, number>();
  const stack: number[] = [];
  const onStack = new Set<number>();

  const close = (root: number): void => {
    const circle: number[] = [];
    let node: number | undefined;
    do {
      node = stack.pop()!;
      onStack.delete(node);
      circle.push(node);
    } while (node !== root);
    // Tarjan closes a component after everything it points to: the levels of its users are known by now.
    const inside = new Set(circle);
    let level = 0;
    for (const member of circle) {
      for (const by of users.get(member)!) if (!inside.has(by)) level = Math.max(level, levels.get(by)! + 1);
    }
    for (const member of circle) levels.set(member, level);
    if (circle.length > 1 || users.get(root)!.includes(root)) circles.push(circle.sort((a, b) => a - b));
  };

  for (const start of users.keys()) {
    if (index.has(start)) continue;
    const work: { node: number; next: number }[] = [{ node: start, next: 0 }];
    while (work.length > 0) {
      const frame = work[work.length - 1]!;
      const { node } = frame;
      if (frame.next === 0) {
        index.set(node, index.size);
        low.set(node, index.get(node)!);
        stack.push(node);
        onStack.add(node);
      }
      const by = users.get(node)![frame.next++];
      if (by === undefined) {
        work.pop();
        if (low.get(node) === index.get(node)) close(node);
        const parent = work[work.length - 1]?.node;
        if (parent !== undefined) low.set(parent, Math.min(low.get(parent)!, low.get(node)!));
      } else if (!index.has(by)) work.push({ node: by, next: 0 });
      else if (onStack.has(by)) low.set(node, Math.min(low.get(node)!, index.get(by)!));
    }
  }
  return { levels, circles };
}

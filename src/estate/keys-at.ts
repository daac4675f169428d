// Looks into a schema: which keys may stand at a path, and whether a secret's whereabouts belong there.
import type { Path } from './yaml-places.ts';

/** The parts of a zod definition read here; parsers of other makes simply have none of them. */
type Node = {
  readonly _zod?: {
    readonly def?: {
      readonly type?: string;
      readonly shape?: Readonly<Record<string, Node>>;
      readonly element?: Node;
      readonly innerType?: Node;
      readonly valueType?: Node;
      readonly in?: Node;
      readonly out?: Node;
      readonly options?: readonly Node[];
      readonly items?: readonly Node[];
      readonly left?: Node;
      readonly right?: Node;
      readonly getter?: () => Node;
    };
  };
};

/** Keys any alternative allows at the path. */
export function keysAt(schema: unknown, path: Path): string[] {
  return [...new Set(nodesAt(schema as Node, path).flatMap((node) => Object.keys(node._zod?.def?.shape ?? {})))];
}

/** True when the schema wants `{env}`, `{file}`, `{exec}` or `{vault}` at the path. */
export function wantsSecretRef(schema: unknown, path: Path): boolean {
  const keys = keysAt(schema, path);
  return keys.includes('env') && (keys.includes('file') || keys.includes('exec') || keys.includes('vault'));
}

function nodesAt(schema: Node, path: Path): Node[] {
  let nodes = unwrap(schema);
  for (const step of path) {
    nodes = nodes.flatMap((node) => {
      const def = node._zod?.def;
      const next = def?.shape?.[String(step)] ?? def?.element ?? def?.items?.[Number(step)] ?? def?.valueType;
      return next ? unwrap(next) : [];
    });
  }
  return nodes;
}

/** Without optional, default, pipe …: the alternatives that take a value. Schemas may be recursive, hence the limit. */
function unwrap(node: Node, depth = 0): Node[] {
  const def = node._zod?.def;
  if (!def || depth > 20) return [];
  const inner = [def.innerType, def.in, def.out, ...(def.options ?? []), def.left, def.right, def.getter?.()];
  const found = inner.filter((n) => n !== undefined);
  return found.length > 0 ? found.flatMap((n) => unwrap(n, depth + 1)) : [node];
}

// Finds where things stand: offsets as file:line:column, paths as offsets into the YAML document.
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Pair } from 'yaml';

export type Path = readonly PropertyKey[];

/** Lines and columns count from 1; columns count UTF-16 units, as editors do. */
export function placesIn(text: string, file: string): (offset: number) => string {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return `${file}:${low + 1}:${offset - (starts[low] ?? 0) + 1}`;
  };
}

/** Where the value at the path starts, and its key; where the path ends in nothing, the nearest thing around it. */
export function offsetsOf(document: Document, path: Path): { readonly value: number; readonly key: number } {
  let node: unknown = document.contents;
  let value = startOf(node) ?? 0;
  let key = value;
  for (const step of path) {
    const inside: unknown = isAlias(node) ? node.resolve(document) : node;
    let next: unknown;
    if (isMap(inside)) {
      const pair = (inside.items as Pair[]).find((p) => String(isScalar(p.key) ? p.key.value : p.key) === String(step));
      if (!pair) break;
      key = startOf(pair.key) ?? value;
      next = pair.value;
      value = isEmpty(next) ? key : (startOf(next) ?? key);
    } else if (isSeq(inside)) {
      next = inside.items[Number(step)];
      if (next === undefined) break;
      value = startOf(next) ?? value;
      key = value;
    } else break;
    node = next;
  }
  return { value, key };
}

export const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);

const isEmpty = (node: unknown): boolean => node === null || (isScalar(node) && node.value === null && (node.source ?? '') === '');

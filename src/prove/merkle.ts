// The hash tree of the evidence log (RFC 9162, section 2.1): leaves and nodes are hashed in separate domains, and a root costs O(log n) memory.
import { hash } from 'node:crypto';

export const hashSize = 32;
const leafDomain = Uint8Array.of(0);
const nodeDomain = Uint8Array.of(1);
const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer');

export const leafHash = (leaf: Uint8Array): Uint8Array => sha256(Buffer.concat([leafDomain, leaf]));
export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(Buffer.concat([nodeDomain, left, right]));
/** The root of a log without entries: SHA-256 of nothing. */
export const emptyRoot = (): Uint8Array => sha256(new Uint8Array());

/** The right edge of a growing tree: one hash for each set bit of its size, so 8 million leaves need at most 23 hashes. */
export class Frontier {
  #size = 0;
  /** Roots of complete subtrees, the largest first. */
  readonly #edge: Uint8Array[] = [];

  get size(): number {
    return this.#size;
  }

  /** Takes the hash of the next leaf. */
  append(leaf: Uint8Array): void {
    let node = leaf;
    // a carry of binary addition: every trailing 1 bit of the size is a complete subtree that this one completes further
    for (let n = this.#size; n % 2 === 1; n = (n - 1) / 2) node = nodeHash(this.#edge.pop() as Uint8Array, node);
    this.#edge.push(node);
    this.#size += 1;
  }

  root(): Uint8Array {
    if (this.#edge.length === 0) return emptyRoot();
    return this.#edge.reduceRight((right, left) => nodeHash(left, right));
  }
}

export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

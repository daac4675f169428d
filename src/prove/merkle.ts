// The hash tree of the evidence log (RFC 9162, section 2.1): leaves and nodes are hashed in separate domains, and a root costs O(log n) memory.
import { sameBytes } from '../cryptography/bytes.ts';
import type { Cryptography } from '../cryptography/port.ts';

export type Digest = Cryptography['sha256'];

export const hashSize = 32;
const leafDomain = Uint8Array.of(0);
const nodeDomain = Uint8Array.of(1);

export const leafHash = (sha256: Digest, leaf: Uint8Array): Uint8Array => sha256(leafDomain, leaf);
export const nodeHash = (sha256: Digest, left: Uint8Array, right: Uint8Array): Uint8Array => sha256(nodeDomain, left, right);
/** The root of a log without entries: SHA-256 of nothing. */
export const emptyRoot = (sha256: Digest): Uint8Array => sha256(new Uint8Array());

/** The right edge of a growing tree: one hash for each set bit of its size, so 8 million leaves need at most 23 hashes. */
export class Frontier {
  readonly #sha256: Digest;
  #size = 0;
  /** Roots of complete subtrees, the largest first. */
  readonly #edge: Uint8Array[] = [];

  constructor(sha256: Digest) {
    this.#sha256 = sha256;
  }

  get size(): number {
    return this.#size;
  }

  /** Takes the hash of the next leaf. */
  append(leaf: Uint8Array): void {
    let node = leaf;
    // a carry of binary addition: every trailing 1 bit of the size is a complete subtree that this one completes further
    for (let n = this.#size; n % 2 === 1; n = (n - 1) / 2) node = nodeHash(this.#sha256, this.#edge.pop() as Uint8Array, node);
    this.#edge.push(node);
    this.#size += 1;
  }

  root(): Uint8Array {
    if (this.#edge.length === 0) return emptyRoot(this.#sha256);
    return this.#edge.reduceRight((right, left) => nodeHash(this.#sha256, left, right));
  }
}

export const sameHash = sameBytes;

// Inclusion and consistency proofs (RFC 9162, sections 2.1.3 and 2.1.4): made from subtree roots, checked against signed roots alone.
import { nodeCryptography } from '../cryptography/node.ts';
import { nodeHash as nodeHashWith, sameHash } from './merkle.ts';

const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => nodeHashWith(nodeCryptography.sha256, left, right);

/** The root over leaves [start, end). A log on disk answers by streaming that range through a Frontier. */
export type SubtreeRoot = (start: number, end: number) => Uint8Array | Promise<Uint8Array>;

/** The largest power of two below n (n ≥ 2); arithmetic, because bit operators stop at 2^31. */
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** PATH(index, D[size]): siblings from the leaf upward. */
export async function inclusionProof(index: number, size: number, subtree: SubtreeRoot): Promise<Uint8Array[]> {
  if (!Number.isInteger(index) || index < 0 || index >= size) throw new RangeError(`no leaf ${index} in a log of ${size}`);
  const path: Uint8Array[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + split(end - start);
    if (index < middle) {
      path.unshift(await subtree(middle, end));
      end = middle;
    } else {
      path.unshift(await subtree(start, middle));
      start = middle;
    }
  }
  return path;
}

/** PROOF(from, D[to]). Empty when nothing was added, or when there was nothing before. */
export async function consistencyProof(from: number, to: number, subtree: SubtreeRoot): Promise<Uint8Array[]> {
  if (!Number.isInteger(from) || from < 0 || from > to) throw new RangeError(`a log of ${to} cannot continue one of ${from}`);
  if (from === 0 || from === to) return [];
  const path: Uint8Array[] = [];
  let [start, end] = [0, to];
  let known = true; // the verifier has the root over [0, from) already
  while (from !== end) {
    const middle = start + split(end - start);
    if (from <= middle) {
      path.unshift(await subtree(middle, end));
      end = middle;
    } else {
      path.unshift(await subtree(start, middle));
      start = middle;
      known = false;
    }
  }
  return known ? path : [await subtree(start, end), ...path];
}

/** True when `leaf` (a leaf hash) is entry `index` of the log of `size` entries with this root. */
export function verifyInclusion(leaf: Uint8Array, index: number, size: number, path: readonly Uint8Array[], root: Uint8Array): boolean {
  if (!Number.isInteger(index) || index < 0 || index >= size) return false;
  let [fn, sn, r] = [index, size - 1, leaf];
  for (const p of path) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      r = nodeHash(p, r);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      r = nodeHash(r, p);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && sameHash(r, root);
}

/** True when the log of `to` entries continues the log of `from` entries without changing it. */
export function verifyConsistency(
  from: number,
  fromRoot: Uint8Array,
  to: number,
  toRoot: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || from > to) return false;
  if (from === 0) return proof.length === 0;
  if (from === to) return proof.length === 0 && sameHash(fromRoot, toRoot);
  let [fn, sn] = [from - 1, to - 1];
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)];
  // when `from` is a power of two its root is itself the first node of the proof, and is left out of it
  const path = fn === 0 ? [fromRoot, ...proof] : proof;
  const first = path[0];
  if (first === undefined) return false;
  let [fr, sr] = [first, first];
  for (const c of path.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(c, fr);
      sr = nodeHash(c, sr);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      sr = nodeHash(sr, c);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && sameHash(fr, fromRoot) && sameHash(sr, toRoot);
}

const half = (n: number): number => Math.floor(n / 2);

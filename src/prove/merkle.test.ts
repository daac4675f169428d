// The tree agrees with the published vectors and with an implementation that shares no line with it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodeCryptography } from '../cryptography/node.ts';
import { emptyRoot, Frontier, leafHash } from './merkle.ts';
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from './merkle-proof.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
// The vectors of the Certificate Transparency reference implementation (transparency-dev/merkle).
const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map((h) =>
  Buffer.from(h, 'hex'),
);
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const n96 = '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7';
const n5f = '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e';
const n6b = '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4';
const nbc = 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b';
const nca = 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0';
const n0e = '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a';

const rootOver = (hashes: readonly Uint8Array[]): Uint8Array => {
  const frontier = new Frontier(nodeCryptography.sha256);
  for (const hash of hashes) frontier.append(hash);
  return frontier.root();
};
const subtreeOf = (hashes: readonly Uint8Array[]) => (start: number, end: number) => rootOver(hashes.slice(start, end));

describe('published vectors', () => {
  test('roots of 0 to 8 leaves', () => {
    expect(hex(emptyRoot(nodeCryptography.sha256))).toBe(roots[0]);
    const frontier = new Frontier(nodeCryptography.sha256);
    expect(hex(frontier.root())).toBe(roots[0]);
    for (const [i, leaf] of leaves.entries()) {
      frontier.append(leafHash(nodeCryptography.sha256, leaf));
      expect([frontier.size, hex(frontier.root())]).toEqual([i + 1, roots[i + 1]]);
    }
  });
  test.each([
    [0, 1, []],
    [0, 8, [n96, n5f, n6b]],
    [5, 8, [nbc, nca, roots[4]]],
    [2, 3, [roots[2]]],
    [1, 5, [roots[1], n5f, nbc]],
  ])('inclusion of leaf %i in %i', async (index, size, want) => {
    const hashes = leaves.slice(0, size).map((leaf) => leafHash(nodeCryptography.sha256, leaf));
    const path = await inclusionProof(index, size, subtreeOf(hashes));
    expect(path.map(hex)).toEqual(want);
    expect(verifyInclusion(hashes[index] as Uint8Array, index, size, path, rootOver(hashes))).toBe(true);
  });
  test.each([
    [1, 1, []],
    [1, 8, [n96, n5f, n6b]],
    [6, 8, [n0e, nca, roots[4]]],
    [2, 5, [n5f, nbc]],
  ])('consistency of %i with %i', async (from, to, want) => {
    const hashes = leaves.slice(0, to).map((leaf) => leafHash(nodeCryptography.sha256, leaf));
    const proof = await consistencyProof(from, to, subtreeOf(hashes));
    expect(proof.map(hex)).toEqual(want);
    expect(verifyConsistency(from, rootOver(hashes.slice(0, from)), to, rootOver(hashes), proof)).toBe(true);
  });
});

const log = fc.array(fc.uint8Array({ maxLength: 12 }), { minLength: 1, maxLength: 70 });

test('every proof of every log verifies, and none verifies for another leaf, index, size or root', async () => {
  await fc.assert(
    fc.asyncProperty(log, fc.nat(), fc.nat(), async (data, a, b) => {
      // distinct leaves, so that "another index" is really another leaf
      const hashes = data.map((bytes, i) => leafHash(nodeCryptography.sha256, Buffer.concat([Buffer.from(`${i}:`), bytes])));
      const size = hashes.length;
      const [index, other, from] = [a % size, b % size, b % (size + 1)];
      const root = rootOver(hashes);
      const path = await inclusionProof(index, size, subtreeOf(hashes));
      const leaf = hashes[index] as Uint8Array;
      expect(verifyInclusion(leaf, index, size, path, root)).toBe(true);
      expect(verifyInclusion(leaf, other, size, path, root)).toBe(other === index);
      expect(verifyInclusion(hashes[other] as Uint8Array, index, size, path, root)).toBe(other === index);
      expect(verifyInclusion(leaf, index, size, [...path, root], root)).toBe(false);
      expect(verifyInclusion(leaf, index, size, path, leafHash(nodeCryptography.sha256, root))).toBe(false);

      const proof = await consistencyProof(from, size, subtreeOf(hashes));
      const fromRoot = rootOver(hashes.slice(0, from));
      expect(verifyConsistency(from, fromRoot, size, root, proof)).toBe(true);
      if (from > 0) expect(verifyConsistency(from, leafHash(nodeCryptography.sha256, fromRoot), size, root, proof)).toBe(false);
      if (from > 0) expect(verifyConsistency(from, fromRoot, size, leafHash(nodeCryptography.sha256, root), proof)).toBe(false);
      if (from > 0) expect(verifyConsistency(from, fromRoot, size, root, [...proof, root])).toBe(false);
    }),
  );
});

test('a proof for a leaf or a size that is not there is an error, not an empty proof', async () => {
  await expect(inclusionProof(3, 3, subtreeOf([]))).rejects.toThrow(RangeError);
  await expect(consistencyProof(4, 3, subtreeOf([]))).rejects.toThrow(RangeError);
  expect(verifyInclusion(leafHash(nodeCryptography.sha256, Buffer.of()), 1, 1, [], leafHash(nodeCryptography.sha256, Buffer.of()))).toBe(
    false,
  );
});

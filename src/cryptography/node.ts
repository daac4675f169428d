// Node's cryptography behind the port.
import { createHash, createPublicKey, hash, verify } from 'node:crypto';
import type { Cryptography } from './port.ts';

export const nodeCryptography: Cryptography = {
  sha256: (...parts) => {
    const [only] = parts;
    return bare(hash('sha256', parts.length === 1 && only !== undefined ? only : Buffer.concat(parts), 'buffer'));
  },
  running: () => {
    const sha = createHash('sha256');
    return { update: (bytes) => void sha.update(bytes), digest: () => bare(sha.digest()) };
  },
  digest: async (name, bytes) => bare(hash(name, bytes, 'buffer')),
  verify: async (jwk, name, data, signature) => {
    try {
      const key = createPublicKey({ format: 'jwk', key: jwk });
      return verify(name, data, jwk.kty === 'EC' ? { key, dsaEncoding: 'ieee-p1363' } : key, signature);
    } catch {
      return false; // a point off its curve and the like: no key, so nothing it signed
    }
  },
};

/** A Buffer compares, prints and slices otherwise than the bytes a browser has. */
const bare = ({ buffer, byteOffset, length }: Buffer): Uint8Array => new Uint8Array(buffer, byteOffset, length);

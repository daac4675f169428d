// Node's cryptography behind the port.
import { createHash, createPublicKey, hash, verify } from 'node:crypto';
import type { Cryptography } from './port.ts';

export const nodeCryptography: Cryptography = {
  sha256: (...parts) => {
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? hash('sha256', only, 'buffer') : hash('sha256', Buffer.concat(parts), 'buffer');
  },
  running: () => {
    const sha = createHash('sha256');
    return { update: (bytes) => void sha.update(bytes), digest: () => sha.digest() };
  },
  digest: async (name, bytes) => hash(name, bytes, 'buffer'),
  verify: async (jwk, name, data, signature) => {
    try {
      const key = createPublicKey({ format: 'jwk', key: jwk });
      return verify(name, data, jwk.kty === 'EC' ? { key, dsaEncoding: 'ieee-p1363' } : key, signature);
    } catch {
      return false; // a point off its curve and the like: no key, so nothing it signed
    }
  },
};

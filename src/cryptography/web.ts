// A browser's cryptography behind the port: signatures by WebCrypto, SHA-256 by our own code because WebCrypto cannot hash at once.
import type { Cryptography, HashName, PublicJwk, Running } from './port.ts';
import { Sha256 } from './sha256.ts';

const names: Readonly<Record<HashName, string>> = { sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' };

const running = (): Running => new Sha256();

export const webCryptography: Cryptography = {
  sha256: (...parts) => {
    const sha = running();
    for (const part of parts) sha.update(part);
    return sha.digest();
  },
  running,
  digest: async (hash, bytes) => new Uint8Array(await crypto.subtle.digest(names[hash], own(bytes))),
  verify: async (jwk, hash, data, signature) => {
    const algorithm = algorithmOf(jwk, hash);
    try {
      const key = await crypto.subtle.importKey('jwk', { ...jwk }, algorithm, false, ['verify']);
      return await crypto.subtle.verify(algorithm, key, own(signature), own(data));
    } catch (error) {
      // "I cannot" must never read as "it is false": Ed25519 is missing in browsers of before 2025
      if (error instanceof Error && error.name === 'NotSupportedError')
        throw new Error(`this browser cannot check ${algorithm.name} signatures: use a newer one, or rekey evidence verify`);
      return false;
    }
  },
};

function algorithmOf(
  jwk: PublicJwk,
  hash: HashName | null,
): { readonly name: string; readonly namedCurve?: string; readonly hash?: string } {
  const hashed = hash === null ? {} : { hash: names[hash] };
  switch (jwk.kty) {
    case 'OKP':
      return { name: 'Ed25519' };
    case 'EC':
      return { name: 'ECDSA', namedCurve: jwk.crv, ...hashed };
    case 'RSA':
      return { name: 'RSASSA-PKCS1-v1_5', ...hashed };
  }
}

/** WebCrypto's types want memory that is not shared between threads; a view of a larger buffer is copied. */
const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

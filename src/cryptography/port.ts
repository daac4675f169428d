// What verification needs of the platform's cryptography. Node and browsers each give it in their own way, so that one verifier runs in both.

export type HashName = 'sha256' | 'sha384' | 'sha512';

/** Public keys of the kinds that are accepted anywhere in Rekey; numbers are base64url, as in RFC 7517. */
export type PublicJwk =
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
  | { readonly kty: 'EC'; readonly crv: 'P-256' | 'P-384' | 'P-521'; readonly x: string; readonly y: string }
  | { readonly kty: 'RSA'; readonly n: string; readonly e: string };

export type Running = { update(bytes: Uint8Array): void; digest(): Uint8Array };

export interface Cryptography {
  /** Over the parts one after the other, at once: trees and tallies hash millions of small things. */
  readonly sha256: (...parts: readonly Uint8Array[]) => Uint8Array;
  /** SHA-256 of what is larger than memory. */
  readonly running: () => Running;
  readonly digest: (hash: HashName, bytes: Uint8Array) => Promise<Uint8Array>;
  /** `hash` is null for Ed25519. ECDSA signatures are r and s side by side, RSA is PKCS #1 v1.5. A key that makes no sense verifies nothing. */
  readonly verify: (key: PublicJwk, hash: HashName | null, data: Uint8Array, signature: Uint8Array) => Promise<boolean>;
}

// Encrypts a value to a public key so that only GitHub can open it (libsodium's crypto_box_seal): it is never sent in the clear, not even inside TLS.
import type { Secret } from '../../kit/kit.ts';

export type PublicKey = { readonly id: string; readonly key: Uint8Array };

/** Undefined: not 32 bytes of base64, so no key of this kind. */
export function publicKey(id: unknown, key: unknown): PublicKey | undefined {
  if (typeof id !== 'string' || typeof key !== 'string') return undefined;
  const bytes = Buffer.from(key, 'base64');
  return bytes.length === 32 ? { id, key: bytes } : undefined;
}

/** Base64. The library is loaded with the first value: it is large, and doctor does not need it. */
export async function seal(secret: Secret, { key }: PublicKey): Promise<string> {
  const { default: sodium } = await import('libsodium-wrappers');
  await sodium.ready;
  return secret.use((bytes) => Buffer.from(sodium.crypto_box_seal(bytes, key)).toString('base64'));
}

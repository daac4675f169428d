// Who signed a list or an answer: by the CA's own key and a hash this reader knows, or not at all.
import { type KeyObject, verify } from 'node:crypto';
import { children, DerError, type Element, expect, tags } from './der.ts';

/** Hashes by the DER of the algorithm's OID, as hex. SHA-1 and RSASSA-PSS are not among them. */
const hashes: Readonly<Record<string, string | null>> = {
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
  '2b6570': null,
};

/** Throws a DerError when the signature is not the key's. */
export function checkSignature(what: Element, algorithm: Element | undefined, signature: Element | undefined, key: KeyObject): void {
  const [id] = children(expect(algorithm, tags.sequence));
  const hash = hashes[expect(id, tags.oid).body.toString('hex')];
  if (hash === undefined) throw new DerError('signed with an algorithm this reader does not know');
  const { body } = expect(signature, tags.bits);
  if (body[0] !== 0 || !verified(hash, what.raw, key, body.subarray(1))) throw new DerError('the signature is not the one of the CA');
}

function verified(hash: string | null, what: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  try {
    return verify(hash, what, key, signature);
  } catch {
    return false; // A key of another kind than the algorithm says.
  }
}

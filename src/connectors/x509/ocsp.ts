// One question to an OCSP responder (RFC 6960) about one serial number, its answer believed only when the CA, or a responder it named, signed it.
import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import { serialIn } from './crl.ts';
import { children, context, DerError, der, elementAt, expect, integer, oid, sequence, serialText, tags, timeOf } from './der.ts';
import { checkSignature } from './signed.ts';

export type OcspStatus = {
  readonly status: 'good' | 'revoked' | 'unknown';
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
};

const responderUse = '1.3.6.1.5.5.7.3.9';
const sha1 = (bytes: Uint8Array): Buffer => createHash('sha1').update(bytes).digest();

/** SHA-1 names the issuer here, as every responder expects; it protects nothing. */
export function ocspRequest(ca: X509Certificate, serial: string): Buffer {
  const { subject, key } = namesOf(ca);
  const id = sequence(
    sequence(oid('1.3.14.3.2.26'), der(tags.null)),
    der(tags.octets, sha1(subject)),
    der(tags.octets, sha1(key)),
    integer(Buffer.from(serial.length % 2 === 0 ? serial : `0${serial}`, 'hex')),
  );
  return sequence(sequence(sequence(sequence(id))));
}

/** Throws a DerError that says what is wrong with the answer. */
export function readOcsp(bytes: Buffer, ca: X509Certificate, serial: string): OcspStatus {
  const [status, wrapped] = children(expect(elementAt(bytes), tags.sequence));
  const code = expect(status, tags.enumerated).body[0];
  if (code !== 0) throw new DerError(`the responder refused to answer (${code})`);
  const [, octets] = children(elementAt(expect(wrapped, context(0)).body));
  const [data, algorithm, signature, certificates] = children(elementAt(expect(octets, tags.octets).body));
  const body = expect(data, tags.sequence);
  checkSignature(body, algorithm, signature, signerKey(certificates?.body, ca));
  const single = children(body)
    .filter(({ tag }) => tag === tags.sequence)
    .flatMap((list) => children(list))
    .find((each) => serialIn(children(expect(children(each)[0], tags.sequence))[3]?.body) === serialText(serial));
  if (single === undefined) throw new DerError('the answer is about another certificate');
  const [, said, thisUpdate, next] = children(single);
  const nextUpdate = next?.tag === context(0) ? timeOf(elementAt(next.body)) : undefined;
  return { status: statusOf(said?.tag), thisUpdate: timeOf(thisUpdate), nextUpdate };
}

function statusOf(tag: number | undefined): OcspStatus['status'] {
  if (tag === context(0, false)) return 'good';
  if (tag === context(1)) return 'revoked';
  if (tag === context(2, false)) return 'unknown';
  throw new DerError('an answer that is none of the three');
}

/** The CA itself, or a certificate it issued for this purpose and nobody else. */
function signerKey(certificates: Buffer | undefined, ca: X509Certificate): KeyObject {
  if (certificates === undefined) return ca.publicKey;
  for (const { raw } of children(elementAt(certificates))) {
    const certificate = new X509Certificate(raw);
    if (certificate.fingerprint256 === ca.fingerprint256) return ca.publicKey;
    if (certificate.verify(ca.publicKey) && certificate.keyUsage?.includes(responderUse)) return certificate.publicKey;
  }
  throw new DerError('signed by somebody the CA did not name as its responder');
}

/** The DER of a certificate's subject, and the bits of its key without their wrapping. */
export function namesOf(certificate: X509Certificate): { readonly subject: Buffer; readonly key: Buffer } {
  const [body] = children(elementAt(certificate.raw));
  const parts = children(expect(body, tags.sequence));
  if (parts[0]?.tag === context(0)) parts.shift();
  const [, , , , subject, spki] = parts;
  const [, key] = children(expect(spki, tags.sequence));
  return { subject: expect(subject, tags.sequence).raw, key: expect(key, tags.bits).body.subarray(1) };
}

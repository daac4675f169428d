// A certificate of the right form that no CA of the target ever issued: signed by its own key, in the CA's name.
import { randomBytes } from 'node:crypto';
import { context, der, integer, oid, sequence, tags, text } from './der.ts';
import { distinguishedName, type KeyKind, newKeyPair, pem, signature, signed } from './request.ts';

/** `issuer` is the DER of the CA's name: a server finds its own CA named and the signature wrong. */
export function selfMadeIdentity(kind: KeyKind, issuer: Uint8Array, now: Date): string {
  const pair = newKeyPair(kind);
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
  const body = sequence(
    der(context(0), integer(Uint8Array.of(2))),
    integer(Uint8Array.of(0x40, ...randomBytes(15))),
    signature(pair.privateKey).algorithm,
    issuer,
    sequence(utcTime(new Date(now.getTime() - 3_600_000)), utcTime(new Date(now.getTime() + 30 * 86_400_000))),
    distinguishedName(`rekey-nonsense-${randomBytes(4).toString('hex')}`, {}),
    spki,
    der(context(3), sequence(clientUse())),
  );
  const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return key + pem('CERTIFICATE', signed(body, pair.privateKey));
}

/** digitalSignature: some TLS stacks do not even send a certificate without it. */
const clientUse = (): Buffer =>
  sequence(oid('2.5.29.15'), der(tags.boolean, Uint8Array.of(0xff)), der(tags.octets, der(tags.bits, Uint8Array.of(7, 0x80))));

const utcTime = (at: Date): Buffer => text(`${at.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`, tags.utcTime);

// Unencrypted OpenSSH private keys. An encrypted one is refused with the ssh-keygen command that signs without giving us the passphrase.
import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { hex, sameBytes, shownText, base64url as url } from '../cryptography/bytes.ts';
import { Problem } from '../domain/problem.ts';
import { curves, isCurve, parsePublicBlob, type SshPublicKey, splitPoint } from './ssh-public-key.ts';
import { Malformed, strictBase64, WireReader } from './ssh-wire.ts';

export type SshPrivateKey = { readonly public: SshPublicKey; readonly key: KeyObject };

const magic = 'openssh-key-v1\0';
const armor = /^-----BEGIN OPENSSH PRIVATE KEY-----\r?\n([A-Za-z0-9+/=\r\n]+?)\r?\n-----END OPENSSH PRIVATE KEY-----\s*$/;
const byHand = 'ssh-keygen -Y sign -n rekey-approval -f KEY MESSAGE-FILE, then rekey approve ID --as NAME --signature MESSAGE-FILE.sig';

/** `place` names the file for errors; the text itself never appears in one. */
export function parsePrivateKey(text: string, place: string): SshPrivateKey {
  if (text.includes('BEGIN ENCRYPTED PRIVATE KEY') || /Proc-Type: 4,ENCRYPTED/.test(text)) throw encrypted(place);
  const body = armor.exec(text.trimStart())?.[1];
  if (body === undefined) {
    throw new Problem('usage', {
      message: 'this is not an OpenSSH private key',
      place,
      hint: `convert it: ssh-keygen -p -f KEY; or sign by hand: ${byHand}`,
    });
  }
  try {
    return readPrivate(strictBase64(body.replaceAll(/\r?\n/g, '')), place);
  } catch (error) {
    if (error instanceof Problem) throw error;
    const why = error instanceof Malformed ? error.message : 'its numbers do not make a key';
    throw new Problem('usage', { message: `this private key cannot be read: ${why}`, place, hint: `sign by hand: ${byHand}` });
  }
}

function encrypted(place: string): Problem {
  return new Problem('usage', {
    message: 'this private key is encrypted, and Rekey never asks for its passphrase',
    place,
    hint: `sign with ssh-keygen: ${byHand}`,
  });
}

function readPrivate(bytes: Uint8Array, place: string): SshPrivateKey {
  const outer = new WireReader(bytes);
  if (shownText(outer.raw(magic.length)) !== magic) throw new Malformed('the magic number is missing');
  const [cipher, kdf] = [outer.text(), outer.text()];
  outer.string();
  if (cipher !== 'none' || kdf !== 'none') throw encrypted(place);
  if (outer.uint32() !== 1) throw new Malformed('it holds more than one key');
  const publicBlob = outer.string();
  const inner = new WireReader(outer.string());
  outer.end();
  const check = inner.uint32();
  if (check !== inner.uint32()) throw new Malformed('its check numbers differ');
  const pub = parsePublicBlob(publicBlob);
  if (pub.application !== undefined) {
    throw new Problem('usage', { message: 'this key lives on a security key, which only ssh-keygen can ask to sign', place, hint: byHand });
  }
  if (inner.text() !== pub.type) throw new Malformed('its private and public halves are of different types');
  const key = createPrivateKey({ format: 'jwk', key: readJwk(inner, pub) });
  return { public: pub, key };
}

function readJwk(reader: WireReader, pub: SshPublicKey): JsonWebKey {
  switch (pub.kind.family) {
    case 'ed25519': {
      const x = reader.string();
      const pair = reader.string();
      if (pair.length !== 64 || !sameBytes(pair.subarray(32), x)) throw new Malformed('its halves do not match');
      return { kty: 'OKP', crv: 'Ed25519', x: url(x), d: url(pair.subarray(0, 32)) };
    }
    case 'ecdsa': {
      const curve = reader.text();
      if (!isCurve(curve) || curve !== pub.kind.curve) throw new Malformed('its halves are on different curves');
      const { x, y } = splitPoint(curve, reader.string());
      return { kty: 'EC', crv: curves[curve].jwk, x, y, d: url(reader.mpint(curves[curve].width)) };
    }
    case 'rsa': {
      const [n, e, d, qi, p, q] = [reader.mpint(), reader.mpint(), reader.mpint(), reader.mpint(), reader.mpint(), reader.mpint()];
      return {
        kty: 'RSA',
        n: url(n),
        e: url(e),
        d: url(d),
        p: url(p),
        q: url(q),
        dp: url(modLess1(d, p)),
        dq: url(modLess1(d, q)),
        qi: url(qi),
      };
    }
  }
}

/** d mod (p − 1): OpenSSH leaves out the two exponents that JWK wants. */
function modLess1(d: Uint8Array, p: Uint8Array): Uint8Array {
  const big = (bytes: Uint8Array): bigint => BigInt(`0x${hex(bytes)}`);
  return Buffer.from((big(d) % (big(p) - 1n)).toString(16).padStart(p.length * 2, '0'), 'hex');
}

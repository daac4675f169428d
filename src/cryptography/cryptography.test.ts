// Node and the browser's cryptography say the same of every message and every signature, and bytes have one spelling each.
import { createHash, generateKeyPairSync, hash, type KeyObject, randomBytes, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { base64, base64url, concat, fromBase64, fromBase64url, hex, strictText, utf8 } from './bytes.ts';
import { nodeCryptography } from './node.ts';
import type { Cryptography, HashName, PublicJwk } from './port.ts';
import { Sha256 } from './sha256.ts';
import { webCryptography } from './web.ts';

describe('SHA-256', () => {
  it('gives the digests of FIPS 180-4', () => {
    const of = (text: string): string => hex(webCryptography.sha256(utf8(text)));
    expect(of('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(of('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(of('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')).toBe(
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    );
    const million = new Sha256();
    for (let i = 0; i < 1000; i += 1) million.update(utf8('a'.repeat(1000)));
    expect(hex(million.digest())).toBe('cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0');
  });
  it('is the same at every length over three blocks, and however the bytes are cut', () => {
    for (let length = 0; length <= 200; length += 1) {
      const bytes = randomBytes(length);
      expect(hex(webCryptography.sha256(bytes)), String(length)).toBe(hash('sha256', bytes, 'hex'));
    }
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 150 }), { maxLength: 6 }), (parts) => {
        const want = parts.reduce((sha, part) => sha.update(part), createHash('sha256')).digest('hex');
        expect(hex(webCryptography.sha256(...parts))).toBe(want);
        expect(hex(nodeCryptography.sha256(...parts))).toBe(want);
      }),
    );
  });
});

const kinds: readonly [string, () => { publicKey: KeyObject; privateKey: KeyObject }, HashName | null][] = [
  ['Ed25519', () => generateKeyPairSync('ed25519'), null],
  ['P-256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'sha256'],
  ['P-384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' }), 'sha384'],
  ['P-521', () => generateKeyPairSync('ec', { namedCurve: 'P-521' }), 'sha512'],
  ['RSA', () => generateKeyPairSync('rsa', { modulusLength: 2048 }), 'sha256'],
];

describe.each<[string, Cryptography]>([
  ['node', nodeCryptography],
  ['web', webCryptography],
])('%s', (_, cryptography) => {
  test.each(kinds)('a signature of %s holds over its own message alone, and under its own key', async (_name, make, name) => {
    const [pair, other] = [make(), make()];
    const data = utf8('what was signed');
    const signature = sign(name, data, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
    // JWK export gives exactly the members of the kind of key
    const [jwk, stranger] = [pair, other].map((p) => p.publicKey.export({ format: 'jwk' }) as PublicJwk) as [PublicJwk, PublicJwk];
    expect(await cryptography.verify(jwk, name, data, signature)).toBe(true);
    expect(await cryptography.verify(jwk, name, utf8('what was signeD'), signature)).toBe(false);
    expect(await cryptography.verify(stranger, name, data, signature)).toBe(false);
    signature[10] = (signature[10] ?? 0) ^ 1;
    expect(await cryptography.verify(jwk, name, data, signature)).toBe(false);
  });
  it('a point off its curve verifies nothing and breaks nothing', async () => {
    const x = base64url(new Uint8Array(32).fill(7));
    expect(await cryptography.verify({ kty: 'EC', crv: 'P-256', x, y: x }, 'sha256', utf8('a'), new Uint8Array(64))).toBe(false);
  });
  it('digests as the standard says', async () => {
    for (const name of ['sha256', 'sha384', 'sha512'] as const)
      expect(hex(await cryptography.digest(name, utf8('abc')))).toBe(hash(name, 'abc', 'hex'));
  });
});

describe('bytes', () => {
  it('go to text and back, and no second text stands for the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        expect(base64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(base64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
        expect(hex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
        expect(fromBase64(base64(bytes))).toEqual(bytes);
        expect(fromBase64url(base64url(bytes))).toEqual(bytes);
      }),
    );
    for (const other of ['YQ', 'YQ==\n', ' YQ==', 'YR==', 'YQ===', 'Y!==']) expect(fromBase64(other), other).toBeUndefined();
    for (const other of ['YQ==', 'YR', 'Y+', 'Y/', 'YQ ']) expect(fromBase64url(other), other).toBeUndefined();
  });
  it('that are no UTF-8 are no text, and a BOM stays', () => {
    expect(strictText(Uint8Array.of(0xff))).toBeUndefined();
    expect(strictText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa');
    expect(concat(Uint8Array.of(1), new Uint8Array(), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(1, 2, 3));
  });
});

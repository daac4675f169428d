// A new key pair and its certificate request (PKCS #10, RFC 2986), made here: the private key never leaves this process but sealed.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { bits, context, der, integer, oid, sequence, tags, text } from './der.ts';

export const keyKinds = ['ec-p256', 'ec-p384', 'rsa-3072', 'ed25519'] as const;
export type KeyKind = (typeof keyKinds)[number];
export type KeyPair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

export function newKeyPair(kind: KeyKind): KeyPair {
  switch (kind) {
    case 'ec-p256':
      return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    case 'ec-p384':
      return generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
    case 'rsa-3072':
      return generateKeyPairSync('rsa', { modulusLength: 3072 });
    case 'ed25519':
      return generateKeyPairSync('ed25519');
  }
}

export const subjectFields = { C: '2.5.4.6', ST: '2.5.4.8', L: '2.5.4.7', O: '2.5.4.10', OU: '2.5.4.11' } as const;
export type Subject = { readonly [K in keyof typeof subjectFields]?: string | undefined };
export type AltName = { readonly kind: 'dns' | 'email' | 'uri'; readonly value: string };

const commonName = '2.5.4.3';
const altTags = { email: 1, dns: 2, uri: 6 } as const;

/** In the order X.500 names are written: country to common name. */
export function distinguishedName(name: string, subject: Subject): Buffer {
  const attribute = (id: string, value: string, tag: number): Buffer => der(tags.set, sequence(oid(id), text(value, tag)));
  const before = Object.entries(subjectFields).flatMap(([field, id]) => {
    const value = subject[field as keyof Subject]; // keys of subjectFields
    return value === undefined ? [] : [attribute(id, value, field === 'C' ? tags.printable : tags.utf8)];
  });
  return sequence(...before, attribute(commonName, name, tags.utf8));
}

/** PEM. The request proves possession: it is signed with the new key. */
export function certificateRequest(pair: KeyPair, name: string, subject: Subject, altNames: readonly AltName[]): string {
  const names = altNames.map(({ kind, value }) => text(value, context(altTags[kind], false)));
  const extension = sequence(oid('2.5.29.17'), der(tags.octets, sequence(...names)));
  const attributes = names.length === 0 ? [] : [sequence(oid('1.2.840.113549.1.9.14'), der(tags.set, sequence(extension)))];
  const info = sequence(
    integer(Uint8Array.of(0)),
    distinguishedName(name, subject),
    pair.publicKey.export({ type: 'spki', format: 'der' }),
    der(context(0), ...attributes),
  );
  return pem('CERTIFICATE REQUEST', signed(info, pair.privateKey));
}

/** SEQUENCE { what, algorithm, signature }: requests and certificates alike. */
export function signed(what: Uint8Array, key: KeyObject): Buffer {
  const { algorithm, hash } = signature(key);
  return sequence(what, algorithm, bits(sign(hash, what, key)));
}

export function signature(key: KeyObject): { readonly algorithm: Buffer; readonly hash: 'sha256' | null } {
  switch (key.asymmetricKeyType) {
    case 'ec':
      return { algorithm: sequence(oid('1.2.840.10045.4.3.2')), hash: 'sha256' };
    case 'rsa':
      return { algorithm: sequence(oid('1.2.840.113549.1.1.11'), der(tags.null)), hash: 'sha256' };
    case 'ed25519':
      return { algorithm: sequence(oid('1.3.101.112')), hash: null };
    default:
      throw new TypeError(`no signature algorithm for ${key.asymmetricKeyType}`);
  }
}

export function pem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

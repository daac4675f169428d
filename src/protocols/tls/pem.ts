// A secret that is a private key with its certificate chain, as one PEM text.
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

const block = /-----BEGIN ([A-Z0-9 ]+)-----[^-]+-----END \1-----/g;

/** `certificate` is the one the key belongs to, `chain` its PEM text followed by what comes after it. */
export type Identity = { readonly key: KeyObject; readonly keyText: string; readonly certificate: X509Certificate; readonly chain: string };

/** Undefined = no key, no certificate, or the two do not belong together. */
export function identityIn(text: string): Identity | undefined {
  const blocks = [...text.matchAll(block)];
  const keys = blocks.filter(([, label]) => label?.endsWith('PRIVATE KEY'));
  const certificates = blocks.filter(([, label]) => label === 'CERTIFICATE').map(([whole]) => whole);
  const keyText = keys[0]?.[0];
  const first = certificates[0];
  if (keys.length !== 1 || keyText === undefined || first === undefined) return undefined;
  try {
    const key = createPrivateKey(keyText);
    const certificate = new X509Certificate(first);
    return certificate.checkPrivateKey(key) ? { key, keyText, certificate, chain: certificates.join('\n') } : undefined;
  } catch {
    return undefined;
  }
}

export function certificatesIn(text: string): X509Certificate[] {
  return [...text.matchAll(block)].filter(([, label]) => label === 'CERTIFICATE').map(([whole]) => new X509Certificate(whole));
}

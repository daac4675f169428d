// The certificate of the server, from files that may change while it runs: a renewed one is taken up without losing a connection.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { Problem } from '../domain/problem.ts';

export type TlsFiles = { readonly cert: string; readonly key: string };
export type TlsPair = { readonly cert: Buffer; readonly key: Buffer; readonly minVersion: 'TLSv1.2' };

/** Whoever shows a certificate of one of these is known by it; everybody else goes on without. */
export type TlsClients = { readonly requestCert: true; readonly rejectUnauthorized: false; readonly ca: readonly string[] };

/** Throws where the pair would not serve: a file that cannot be read, no certificate, a key of another one. */
export function readTls(files: TlsFiles): TlsPair {
  const pair = { cert: read(files.cert, '--tls-cert'), key: read(files.key, '--tls-key'), minVersion: 'TLSv1.2' as const };
  try {
    createSecureContext(pair);
  } catch (error) {
    // OpenSSL's code only: its text is about the key.
    throw new Problem('invalid-config', {
      place: '--tls-cert',
      message: `the certificate and the key do not serve together (${(error as NodeJS.ErrnoException).code ?? 'unreadable'})`,
      hint: 'both as PEM, the key without a passphrase and of this certificate; the chain follows the certificate',
    });
  }
  const { validTo } = new X509Certificate(pair.cert);
  if (Date.parse(validTo) < Date.now())
    throw new Problem('invalid-config', {
      place: '--tls-cert',
      message: `the certificate ended on ${new Date(validTo).toISOString()}`,
      hint: 'put a renewed one there',
    });
  return pair;
}

function read(file: string, place: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Problem('invalid-config', {
      place,
      message: `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
      hint: 'check the path and that this user may read it',
    });
  }
}

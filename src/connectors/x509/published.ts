// What the CA says in public about a serial number: its revocation list and its OCSP responder, each signed and within its dates.

import type { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { done, type Io, type Outcome, refused } from '../../kit/kit.ts';
import { exchange, type Request } from '../../protocols/http/exchange.ts';
import type { Config } from './config.ts';
import { type RevocationList, readCrl, staleness } from './crl.ts';
import { DerError } from './der.ts';
import { type OcspStatus, ocspRequest, readOcsp } from './ocsp.ts';

export async function fetchCrl(source: NonNullable<Config['crl']>, ca: X509Certificate, io: Io): Promise<Outcome<RevocationList>> {
  const bytes =
    source.url === undefined ? await fileBytes(source.file ?? '', io) : await fetched({ method: 'GET', url: new URL(source.url) }, io);
  if (bytes.kind !== 'done') return bytes;
  return current(() => readCrl(bytes.value, ca), 'the revocation list', io);
}

export async function askOcsp(url: string, ca: X509Certificate, serial: string, io: Io): Promise<Outcome<OcspStatus>> {
  const headers = { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response' };
  const bytes = await fetched({ method: 'POST', url: new URL(url), headers, body: ocspRequest(ca, serial) }, io);
  if (bytes.kind !== 'done') return bytes;
  return current(() => readOcsp(bytes.value, ca, serial), 'the OCSP answer', io);
}

function current<T extends Pick<RevocationList, 'thisUpdate' | 'nextUpdate'>>(read: () => T, what: string, io: Io): Outcome<T> {
  try {
    const statement = read();
    const stale = staleness(statement, io.now());
    return stale === undefined ? done(statement) : refused('protocol', `${what} is ${stale}`, { target: stale });
  } catch (error) {
    return refused('protocol', error instanceof DerError ? `${what}: ${error.message}` : `${what} cannot be read`, {
      target: 'unreadable',
    });
  }
}

async function fileBytes(path: string, io: Io): Promise<Outcome<Buffer>> {
  try {
    return done(await readFile(io.path(path)));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    return refused('unreachable', `the revocation list cannot be read (${code})`, { target: code });
  }
}

/** Plain http:// is how lists and answers are published: they carry their own signature. */
async function fetched(request: Request, io: Io): Promise<Outcome<Buffer>> {
  const answer = await exchange(request, { reach: 'private' }, io);
  if (answer.kind !== 'answered')
    return refused('unreachable', `${request.url.host} does not answer (${answer.code})`, { target: answer.code });
  if (answer.status !== 200)
    return refused('unreachable', `${request.url.host} answers ${answer.status}`, { target: String(answer.status) });
  return done(answer.body);
}

// One HTTP call to a consumer: no redirects, no body read, the address checked after resolution and then pinned.
import { type LookupAddress, lookup as resolveName } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { Limits } from './file-lock.ts';
import { errorCode } from './io-fault.ts';

export type Answered =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterMs?: number }
  | { readonly kind: 'forbidden'; readonly why: string }
  | { readonly kind: 'not-sent'; readonly code: string }
  | { readonly kind: 'no-answer'; readonly code: string };

/** Link-local and cloud metadata services: a reload has no business there, an attacker who writes a consumer list has. */
const metadata = new BlockList();
metadata.addSubnet('169.254.0.0', 16, 'ipv4');
metadata.addAddress('100.100.100.200', 'ipv4');
metadata.addAddress('192.0.0.192', 'ipv4');
metadata.addSubnet('fe80::', 10, 'ipv6');
metadata.addAddress('fd00:ec2::254', 'ipv6');

const isMetadata = (address: string): boolean => metadata.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
const unsent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'REKEY_METADATA']);

export function callUrl(method: string, url: URL, hosts: readonly string[] | undefined, limits: Limits): Promise<Answered> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (hosts !== undefined && !hosts.includes(host))
    return Promise.resolve({ kind: 'forbidden', why: `${host} is not among the hosts of this store` });
  if (isIP(host) !== 0 && isMetadata(host))
    return Promise.resolve({ kind: 'forbidden', why: `${host} is a link-local or metadata address` });
  if (limits.signal.aborted) return Promise.resolve({ kind: 'not-sent', code: 'ABORTED' });
  return new Promise((resolve) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const signal = AbortSignal.any([limits.signal, AbortSignal.timeout(limits.timeoutMs)]);
    const call = send(
      url,
      { method, agent: false, lookup: pinned, signal, headers: { 'content-length': '0', 'user-agent': 'rekey' } },
      (answer) => {
        answer.destroy();
        const seconds = Number(answer.headers['retry-after']);
        const status = answer.statusCode ?? 0;
        resolve(
          Number.isFinite(seconds) && seconds > 0 ? { kind: 'status', status, retryAfterMs: seconds * 1000 } : { kind: 'status', status },
        );
      },
    );
    call.once('error', (error) => {
      const code = signal.aborted ? 'ETIMEDOUT' : errorCode(error);
      if (code === 'REKEY_METADATA') resolve({ kind: 'forbidden', why: `${host} resolves to a link-local or metadata address` });
      else resolve({ kind: unsent.has(code) ? 'not-sent' : 'no-answer', code });
    });
    call.end();
  });
}

const pinned: LookupFunction = (host, options, callback) => {
  resolveName(host, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const bad = error === null ? addresses.some(({ address }) => isMetadata(address)) : false;
    const failure = bad ? Object.assign(new Error('address not allowed'), { code: 'REKEY_METADATA' }) : error;
    const [first] = addresses ?? [];
    if (failure !== null || first === undefined) callback(failure ?? Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '', 0);
    else if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

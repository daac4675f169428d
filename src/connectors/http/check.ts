// What doctor shows of an API: unreachable, wrong certificate, refused by our own rule, wrong credentials and a wrong pointer are told apart.
import type { Capabilities, Check } from '../../kit/kit.ts';
import { forbiddenCode } from '../../protocols/http/address.ts';
import { isTlsCode } from '../../protocols/http/exchange.ts';
import { seenOf } from './answer.ts';
import type { Api } from './api.ts';
import type { Call } from './call.ts';
import { at } from './pointer.ts';

export function check(api: Api): Capabilities['check'] {
  return {
    async *run() {
      const { settings, replica, io } = api;
      // The first page of accounts is a call that changes nothing; without it the base address must do.
      const call: Call = settings.accounts ?? { method: 'GET', path: '/' };
      const answer = await api.answer(call, { values: { limit: '1' } });
      if (answer.kind === 'not-made') {
        yield { id: 'auth', verdict: 'fail', message: answer.fault.message, next: 'Check config.auth and what it refers to.' };
        return;
      }
      if (answer.kind !== 'answered') {
        yield unreachable(answer.code, replica);
        return;
      }
      yield { id: 'reach', verdict: 'ok', message: `${replica} answers` };
      if (api.base.protocol === 'https:') yield { id: 'tls', verdict: 'ok', message: 'certificate verified' };
      else
        yield {
          id: 'tls',
          verdict: settings.insecure ? 'warn' : 'ok',
          message: 'no TLS',
          ...(settings.insecure ? { next: 'Use https://.' } : {}),
        };
      yield* answered(api, answer.status, settings.accounts === undefined ? undefined : at(seenOf(answer).json, settings.accounts.items));
      const clock = clockCheck(answer.headers.date, io.now());
      if (clock !== undefined) yield clock;
    },
  };
}

function* answered(api: Api, status: number, items: unknown): Generator<Check> {
  if (status === 401) {
    yield {
      id: 'auth',
      verdict: 'fail',
      message: 'the API does not know our credentials (401)',
      next: 'Put the right value where config.auth points.',
    };
    return;
  }
  yield { id: 'auth', verdict: 'ok', message: 'our credentials are known' };
  if (api.settings.accounts === undefined) return;
  if (status === 403)
    yield {
      id: 'rights',
      verdict: 'fail',
      message: 'our credentials may not list accounts (403)',
      next: 'Give them the right to read accounts.',
    };
  else if (status >= 300 && status < 400)
    yield {
      id: 'rights',
      verdict: 'fail',
      message: `the API redirects (${status})`,
      next: 'Redirects are not followed: write the address it leads to as config.url.',
    };
  else if (status > 299)
    yield {
      id: 'rights',
      verdict: 'fail',
      message: `the list of accounts answers ${status}`,
      next: 'Check config.url and config.accounts.path.',
    };
  else if (!Array.isArray(items))
    yield {
      id: 'rights',
      verdict: 'fail',
      message: 'there is no list where config.accounts.items points',
      next: 'Point it at the list in the answer.',
    };
  else yield { id: 'rights', verdict: 'ok', message: 'accounts can be listed' };
}

function unreachable(code: string, replica: string): Check {
  if (code === forbiddenCode)
    return {
      id: 'reach',
      verdict: 'fail',
      message: `${replica} is a private, loopback or metadata address`,
      next: 'Say allowPrivate: true if the API lives in your own network. Metadata addresses are never called.',
    };
  if (isTlsCode(code))
    return {
      id: 'tls',
      verdict: 'fail',
      message: `no verified TLS connection to ${replica} (${code})`,
      next: "Give the server's CA as config.ca, or its name as config.servername.",
    };
  return {
    id: 'reach',
    verdict: 'fail',
    message: `${replica} does not answer (${code})`,
    next: 'Check config.url, name resolution and firewall.',
  };
}

/** A minute: tokens and time stamps of most APIs forgive no more. */
const skewMs = 60_000;
function clockCheck(date: string | undefined, now: Date): Check | undefined {
  const theirs = Date.parse(date ?? '');
  if (!Number.isFinite(theirs)) return undefined;
  const off = Math.round((theirs - now.getTime()) / 1000);
  if (Math.abs(off) * 1000 <= skewMs) return { id: 'clock', verdict: 'ok', message: 'its clock agrees with ours' };
  return { id: 'clock', verdict: 'warn', message: `its clock is ${off} s off ours`, next: 'Set the clocks by NTP.' };
}

// What doctor shows of a GitHub Actions store: the API, the token, its time left, and the requests left in this hour.
import type { Capabilities } from '../../kit/kit.ts';
import { type Begin, firstFailure } from '../../protocols/http/ask.ts';
import { member } from '../../protocols/http/call.ts';
import type { Config } from './config.ts';

const dayMs = 86_400_000;
/** A write is four or five requests. */
const fewRequests = 200;

export function check({ url }: Config, begin: Begin): Capabilities['check'] {
  return {
    async *run() {
      // Each question may take its full time: doctor is no operation of a run.
      // Does not count against the limit.
      const answer = await begin()({ method: 'GET', path: ['rate_limit'] }, [200]);
      if (answer.kind !== 'done') {
        yield firstFailure(answer.fault, url);
        return;
      }
      const { value: reply } = answer;
      yield { id: 'reach', verdict: 'ok', message: `${url} answers` };
      const ends = Date.parse(reply.header('github-authentication-token-expiration')?.replace(' UTC', 'Z').replace(' ', 'T') ?? '');
      const left = ends - (reply.date ?? new Date()).getTime();
      yield left < dayMs
        ? {
            id: 'auth',
            verdict: 'warn',
            message: `the token ends at ${new Date(ends).toISOString()}`,
            next: 'Renew it before the run, or use an app.',
          }
        : { id: 'auth', verdict: 'ok', message: 'GitHub takes the token' };
      const scopes = reply.header('x-oauth-scopes') ?? '';
      if (scopes !== '')
        yield {
          id: 'rights',
          verdict: 'warn',
          message: `a classic token with ${scopes}: it reaches everything its owner reaches`,
          next: 'Use a fine-grained token, or an app, with "Secrets: write" on the repositories concerned.',
        };
      const remaining = member(reply.body, 'resources', 'core', 'remaining');
      if (typeof remaining === 'number' && remaining < fewRequests)
        yield {
          id: 'limits',
          verdict: 'warn',
          message: `${remaining} requests are left in this hour`,
          next: 'Wait for the next hour before a large run.',
        };
    },
  };
}

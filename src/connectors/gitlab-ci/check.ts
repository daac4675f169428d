// What doctor shows of a GitLab store: the server, the token, its scopes and its last day.
import type { Capabilities, Check } from '../../kit/kit.ts';
import { type Begin, firstFailure } from '../../protocols/http/ask.ts';
import { listAt, textAt } from '../../protocols/http/call.ts';
import type { Config } from './config.ts';

const soonMs = 2 * 86_400_000;

export function check({ url }: Config, begin: Begin): Capabilities['check'] {
  return {
    async *run() {
      // Each question may take its full time: doctor is no operation of a run.
      const answer = await begin()({ method: 'GET', path: ['api', 'v4', 'personal_access_tokens', 'self'] }, [200]);
      if (answer.kind !== 'done') {
        yield firstFailure(answer.fault, url);
        return;
      }
      const { value: reply } = answer;
      yield { id: 'reach', verdict: 'ok', message: `${url} answers` };
      const ends = Date.parse(textAt(reply.body, 'expires_at') ?? '');
      yield ends - (reply.date ?? new Date()).getTime() < soonMs
        ? {
            id: 'auth',
            verdict: 'warn',
            message: `the token ends on ${textAt(reply.body, 'expires_at')}`,
            next: 'Rotate it before the run.',
          }
        : { id: 'auth', verdict: 'ok', message: `GitLab takes the token ${textAt(reply.body, 'name') ?? ''}`.trim() };
      yield* scopeChecks(listAt(reply.body, 'scopes').map(String));
    },
  };
}

function* scopeChecks(scopes: readonly string[]): Generator<Check> {
  if (!scopes.includes('api')) {
    yield {
      id: 'rights',
      verdict: 'fail',
      message: `the token has ${scopes.join(', ') || 'no scope'}`,
      next: 'Make one with the scope api.',
    };
    return;
  }
  const beyond = scopes.filter((scope) => ['sudo', 'admin_mode'].includes(scope));
  yield beyond.length > 0
    ? {
        id: 'rights',
        verdict: 'warn',
        message: `the token also has ${beyond.join(', ')}: more than it needs`,
        next: 'Make one with the scope api only.',
      }
    : { id: 'rights', verdict: 'ok', message: 'scope api' };
}

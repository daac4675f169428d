// How GitHub is asked, and what its refusals mean: the limits it answers with 403, and the repositories it hides behind 404.
import type { Io } from '../../kit/kit.ts';
import { asks, type Begin } from '../../protocols/http/ask.ts';
import { type Answered, type Meaning, textAt } from '../../protocols/http/call.ts';
import { targetOf } from '../../protocols/http/settings.ts';
import type { Config } from './config.ts';

export function github(config: Config, io: Io): Begin {
  return asks({
    target: targetOf(config, io),
    io,
    token: config.token,
    header: (token) => ({ authorization: `Bearer ${token}`, accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' }),
    meanings,
    said: (body) => textAt(body, 'message'),
    resetHeader: 'x-ratelimit-reset',
  });
}

export function meanings(reply: Answered): Readonly<Record<number, Meaning>> {
  const moved: Meaning = { fault: 'not-found', certain: true, say: 'the repository was renamed or moved: correct the ref' };
  const limited = reply.header('x-ratelimit-remaining') === '0' || /rate limit/i.test(textAt(reply.body, 'message') ?? '');
  return {
    301: moved,
    307: moved,
    308: moved,
    400: { fault: 'protocol', certain: true, say: 'GitHub does not take the request' },
    401: { fault: 'auth', certain: true, say: 'GitHub does not take the token' },
    403: limited
      ? { fault: 'throttled', certain: true, say: 'the limit of requests is used up' }
      : { fault: 'permission', certain: true, say: 'the token may not do this' },
    404: { fault: 'not-found', certain: true, say: 'there is no such thing, or the token may not see it' },
    422: { fault: 'policy', certain: true, say: 'GitHub refuses the request' },
    429: { fault: 'throttled', certain: true, say: 'the limit of requests is used up' },
  };
}

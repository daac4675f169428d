// How GitLab is asked, and what its refusals mean.
import type { Io } from '../../kit/kit.ts';
import { asks, type Begin } from '../../protocols/http/ask.ts';
import { type Answered, type Meaning, member, textAt } from '../../protocols/http/call.ts';
import { targetOf } from '../../protocols/http/settings.ts';
import type { Config } from './config.ts';

export function gitlab(config: Config, io: Io): Begin {
  return asks({
    target: targetOf(config, io),
    io,
    token: config.token,
    header: (token) => ({ 'private-token': token }),
    meanings,
    said,
    resetHeader: 'ratelimit-reset',
  });
}

/** `message` is a text, or lists of texts by field. */
function said(body: unknown): string | undefined {
  const message = member(body, 'message');
  if (typeof message === 'string') return message;
  if (typeof message === 'object' && message !== null)
    return Object.entries(message)
      .map(([field, texts]) => `${field} ${[texts].flat().join(', ')}`)
      .join('; ');
  return textAt(body, 'error_description') ?? textAt(body, 'error');
}

function meanings({ body }: Answered): Readonly<Record<number, Meaning>> {
  const scopeMissing = textAt(body, 'error') === 'insufficient_scope';
  return {
    400: { fault: 'policy', certain: true, say: 'GitLab refuses the value' },
    401: { fault: 'auth', certain: true, say: 'GitLab does not take the token' },
    403: { fault: 'permission', certain: true, say: scopeMissing ? 'the token lacks the scope api' : 'the token may not do this' },
    404: { fault: 'not-found', certain: true, say: 'there is no such thing, or the token may not see it' },
    409: { fault: 'conflict', certain: true, say: 'the variable has several environment scopes: add @environment to the ref' },
    429: { fault: 'throttled', certain: true, say: 'the limit of requests is used up' },
  };
}

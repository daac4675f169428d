// What a Redis server's answer to AUTH says about the secret, as data. Only its credential error is `rejected`.
import type { Probed } from '../../kit/kit.ts';
import type { Answer } from './link.ts';

type Meaning = { readonly code: string; readonly text?: RegExp; readonly probed: Probed; readonly why: string };

/** First match wins; everything else is indeterminate. The text tells apart what shares the code ERR. */
export const authMeanings: readonly Meaning[] = [
  {
    code: 'WRONGPASS',
    probed: { verdict: 'rejected', code: 'WRONGPASS' },
    why: 'wrong password; a user that is off or not there answers the same: the control with the new secret tells those',
  },
  {
    code: 'ERR',
    text: /^invalid password/,
    probed: { verdict: 'rejected', code: 'ERR invalid password' },
    why: 'wrong password, before version 6',
  },
  {
    code: 'ERR',
    text: /^(AUTH <password> called without any password configured|Client sent AUTH, but no password is set)/,
    probed: { verdict: 'accepted', code: 'no-password-set' },
    why: 'no password is asked for: whatever is sent, the door is open',
  },
  {
    code: 'ERR',
    text: /^max number of clients reached/,
    probed: { verdict: 'indeterminate', code: 'max-clients', retryAfterMs: 1000 },
    why: 'turned away before the secret was looked at',
  },
  {
    code: 'LOADING',
    probed: { verdict: 'indeterminate', code: 'LOADING', retryAfterMs: 1000 },
    why: 'turned away before the secret was looked at',
  },
];

export function probedOf(answer: Answer): Probed {
  switch (answer.kind) {
    case 'reply':
      return answer.value === 'OK' ? { verdict: 'accepted', code: 'OK' } : { verdict: 'indeterminate', code: 'EPROTO' };
    case 'failed': {
      const known = authMeanings.find(({ code, text }) => code === answer.code && (text === undefined || text.test(answer.text)));
      return known?.probed ?? { verdict: 'indeterminate', code: answer.code };
    }
    case 'unsent':
    case 'lost':
      return { verdict: 'indeterminate', code: answer.code };
  }
}

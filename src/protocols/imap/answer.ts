// What an IMAP server's words mean for a secret, as data: response codes of RFC 5530 and RFC 3501. A code that is not listed proves nothing.
import type { Probed } from '../../kit/kit.ts';

export type Status = { readonly status: 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH'; readonly code: string | undefined; readonly text: string };

/** A status line without its tag: `NO [AUTHENTICATIONFAILED] Authentication failed.` */
export function statusOf(line: string): Status | undefined {
  const found = /^(OK|NO|BAD|BYE|PREAUTH)\b ?(?:\[([^\]\s]+)([^\]]*)\] ?)?(.*)$/i.exec(line);
  if (found === null) return undefined;
  const [, status = '', code, , text = ''] = found;
  return { status: status.toUpperCase() as Status['status'], code: code?.toUpperCase(), text }; // the pattern allows no other word
}

type Meaning = {
  readonly status: 'OK' | 'NO';
  readonly code?: string;
  readonly text?: RegExp;
  readonly verdict: Probed['verdict'];
  readonly retryAfterMs?: number;
  readonly why: string;
};

/** First match wins. What is not here, BAD and BYE among it, is indeterminate. */
export const meanings: readonly Meaning[] = [
  { status: 'OK', verdict: 'accepted', why: 'logged in' },
  {
    status: 'NO',
    code: 'AUTHENTICATIONFAILED',
    verdict: 'rejected',
    why: 'wrong password, unknown user, or a reason the server keeps to itself: the control with the new secret tells those',
  },
  {
    status: 'NO',
    code: 'EXPIRED',
    verdict: 'blocked',
    why: 'the password was right and has expired, or the server no longer knows: it opens nothing now',
  },
  { status: 'NO', code: 'AUTHORIZATIONFAILED', verdict: 'blocked', why: 'right password; the account may not log in' },
  {
    status: 'NO',
    text: /^Maximum number of connections from user\+IP exceeded/,
    verdict: 'blocked',
    why: 'right password; the account has its connections (mail_max_userip_connections): Dovecot says it after the login',
  },
  {
    status: 'NO',
    code: 'LIMIT',
    verdict: 'indeterminate',
    why: 'some limit was met; RFC 9051 does not say whether the password was looked at',
  },
  {
    status: 'NO',
    code: 'UNAVAILABLE',
    verdict: 'indeterminate',
    retryAfterMs: 2_000,
    why: 'a part of the server is away, such as the directory behind it',
  },
  { status: 'NO', code: 'INUSE', verdict: 'indeterminate', retryAfterMs: 2_000, why: 'something the server needs is held by another' },
  {
    status: 'NO',
    code: 'PRIVACYREQUIRED',
    verdict: 'indeterminate',
    why: 'the server wants TLS before it looks at a password: set tls or starttls',
  },
  {
    status: 'NO',
    text: /^Login disabled for this user/,
    verdict: 'blocked',
    why: 'right password, and the account is switched off (nologin): Dovecot says it to the right one only',
  },
  { status: 'NO', code: 'CONTACTADMIN', verdict: 'indeterminate', why: 'the server does not say why' },
];

/** `wrongPassword`: texts by which this server names a wrong password where it gives no code. */
export function verdictOf(answer: Status, wrongPassword: readonly string[]): Probed {
  const { status, code, text } = answer;
  const named = code ?? status;
  if (status === 'NO' && code === undefined && wrongPassword.some((each) => each.toLowerCase() === text.trim().toLowerCase()))
    return { verdict: 'rejected', code: 'NO' };
  const known = meanings.find(
    (each) =>
      each.status === status &&
      (each.status === 'OK' || each.text !== undefined || each.code === code) &&
      (each.text === undefined || each.text.test(text)),
  );
  if (known === undefined) return { verdict: 'indeterminate', code: named };
  const shown = status === 'OK' ? 'OK' : named;
  return { verdict: known.verdict, code: shown, ...(known.retryAfterMs === undefined ? {} : { retryAfterMs: known.retryAfterMs }) };
}

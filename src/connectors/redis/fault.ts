// What each answer of a Redis server means for a command, as data. Only what certainly left the server unchanged is `refused`; the rest is in doubt.
import { type FaultCode, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import type { Answer } from '../../protocols/redis/link.ts';

type Meaning = {
  readonly code: string;
  readonly text?: RegExp;
  readonly fault: FaultCode;
  readonly say: string;
  readonly retryAfterMs?: number;
};

/** An error reply with one of these: the command was not carried out. Codes not listed are in doubt. */
export const errorMeanings: readonly Meaning[] = [
  { code: 'NOPERM', fault: 'permission', say: 'the Rekey user may not run this command' },
  { code: 'NOAUTH', fault: 'auth', say: 'the server asks for a login first' },
  { code: 'WRONGPASS', fault: 'auth', say: 'the server refused the password of the Rekey user, or that user is off' },
  { code: 'DENIED', fault: 'unreachable', say: 'the server is in protected mode and takes no connection from here' },
  { code: 'LOADING', fault: 'throttled', say: 'the server is loading its data', retryAfterMs: 1000 },
  { code: 'BUSY', fault: 'throttled', say: 'a script keeps the server busy', retryAfterMs: 1000 },
  { code: 'ERR', text: /^max number of clients reached/, fault: 'throttled', say: 'the server has no connection left', retryAfterMs: 1000 },
  { code: 'ERR', text: /^unknown (command|subcommand)/i, fault: 'unsupported', say: 'the server does not know this command' },
  { code: 'ERR', text: /^Error in ACL SETUSER modifier/, fault: 'unsupported', say: 'the server does not know this ACL rule' },
  {
    code: 'ERR',
    text: /^This Redis instance is not configured to use an ACL file/,
    fault: 'unsupported',
    say: 'the server has no ACL file',
  },
  { code: 'ERR', text: /^There was an error trying to save the ACLs/, fault: 'conflict', say: 'the server could not write its ACL file' },
  { code: 'ERR', text: /^The server is running without a config file/, fault: 'unsupported', say: 'the server has no config file' },
  { code: 'ERR', text: /^Rewriting config file/, fault: 'conflict', say: 'the server could not write its config file' },
];

/** Never with the server's own text: it may quote the command. `where` is the server's name. */
export function outcomeOf(answer: Exclude<Answer, { kind: 'reply' }>, where: string): Outcome<never> {
  const { code } = answer;
  const target = { target: code };
  if (answer.kind === 'lost')
    return indeterminate('unreachable', `${where}: the connection was lost before the answer came (${code})`, target);
  const known = errorMeanings.find(
    (each) => each.code === code && (each.text === undefined || (answer.kind === 'failed' && each.text.test(answer.text))),
  );
  if (known !== undefined)
    return refused(known.fault, `${where}: ${known.say} (${code})`, {
      ...target,
      ...(known.retryAfterMs === undefined ? {} : { retryAfterMs: known.retryAfterMs }),
    });
  if (answer.kind === 'unsent') {
    if (code === noSecret) return refused('auth', `the password of the Rekey user cannot be read where config.password points`, target);
    return refused('unreachable', `${where}: no connection (${code})`, target);
  }
  return indeterminate('protocol', `${where} answered ${code}, which does not say whether the change was made`, target);
}

/** In the place of an error code: our own password could not be had. */
export const noSecret = 'NO-SECRET';
/** The server sent a reply of a form we do not know. */
export const oddReply = (where: string): Outcome<never> =>
  indeterminate('protocol', `${where} answered in a form Rekey does not know`, { target: 'EPROTO' });

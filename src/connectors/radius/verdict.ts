// What a RADIUS answer says about the password, as data. A reject alone says nothing: servers also send it when they could not look.
import type { ProbeVerdict } from '../../domain/verdict.ts';
import { codes } from '../../protocols/radius/packet.ts';

/** `if-confirmed`: rejected once the configured confirmation holds, indeterminate otherwise. */
type Meaning = { readonly name: string; readonly verdict: ProbeVerdict | 'if-confirmed'; readonly why: string };

export const answers: Readonly<Record<number, Meaning>> = {
  [codes.accessAccept]: { name: 'Access-Accept', verdict: 'accepted', why: 'the password opens the account' },
  [codes.accessChallenge]: {
    name: 'Access-Challenge',
    verdict: 'accepted',
    why: 'a second factor is asked for: the password was right. A server that challenges whatever comes is caught by the nonsense control',
  },
  [codes.accessReject]: {
    name: 'Access-Reject',
    verdict: 'if-confirmed',
    why: 'wrong password, unknown user, a rule, or trouble of the server',
  },
};

export const meaningOf = (code: number): Meaning =>
  answers[code] ?? { name: `code-${code}`, verdict: 'indeterminate', why: 'not an answer to an Access-Request' };

// How an SSH login ended when it did not open: from the driver's errors, and from connections that end without one.
import { type Fault, type Outcome, refused } from '../../kit/kit.ts';

/**
 * unreachable: no connection · turned-away: ended before a secret was sent (too many connections, penalties) · host-key: another key than the
 * pinned one · handshake: no common algorithm · not-offered: the host does not take this kind of secret · rejected: its credential error ·
 * partial: right, and more is asked · account: right, but the account may not log in (PAM said why) · must-change: right, but outdated ·
 * asks-more: a prompt that is not for a password · dropped: ended after the secret was sent, without a word.
 */
export type EndKind =
  | 'unreachable'
  | 'turned-away'
  | 'host-key'
  | 'handshake'
  | 'not-offered'
  | 'rejected'
  | 'partial'
  | 'account'
  | 'must-change'
  | 'asks-more'
  | 'dropped'
  | 'bad-secret'
  | 'timeout'
  | 'aborted';
export type End = { readonly kind: EndKind; readonly code: string; readonly message: string };

/** What an attempt had met when it ended. `banner`: a message came after the secret was sent; PAM's account check sends one before it hangs up. */
export type Seen = {
  readonly replica: string;
  connected: boolean;
  sent: boolean;
  banner: boolean;
  otherKey?: string;
};

/** SSH_DISCONNECT_PROTOCOL_ERROR, which sshd uses for "Too many authentication failures" when MaxAuthTries is 1. */
const disconnectProtocolError = 2;

export function endOfError(error: Error & { level?: string; code?: unknown }, seen: Seen): End {
  const { level, code, message } = error;
  if (seen.otherKey !== undefined) return otherKey(seen);
  if (level === 'client-socket' || level === 'client-dns') {
    const text = typeof code === 'string' ? code : 'socket';
    if (!seen.connected) return { kind: 'unreachable', code: text, message: `${seen.replica} does not answer (${text})` };
    return { ...endOfClose({ ...seen, banner: false }), code: text };
  }
  if (level === 'handshake') return { kind: 'handshake', code: 'handshake', message: `no agreement on encryption with ${seen.replica}` };
  if (code === disconnectProtocolError && seen.sent && /too many authentication failures/i.test(message))
    return { kind: 'rejected', code: 'too-many-failures', message: 'the host refused the secret' };
  if (typeof code === 'number' && !seen.sent) return { ...endOfClose(seen), code: `disconnect-${code}` };
  // Anything else the driver stumbles over: after the secret was sent it may mean everything, before it nothing.
  const found = endOfClose({ ...seen, banner: false });
  return seen.sent ? { ...found, code: typeof code === 'number' ? `disconnect-${code}` : 'protocol' } : found;
}

/** sshd may hang up without an error: an account that PAM turns away, too many connections at once, a restart. */
export function endOfClose(seen: Seen): End {
  if (seen.otherKey !== undefined) return otherKey(seen);
  if (!seen.connected) return { kind: 'unreachable', code: 'closed', message: `${seen.replica} does not answer` };
  if (!seen.sent)
    return { kind: 'turned-away', code: 'turned-away', message: `${seen.replica} ended the connection before a secret was sent` };
  return seen.banner
    ? { kind: 'account', code: 'account', message: 'the secret is right; the account may not log in' }
    : { kind: 'dropped', code: 'dropped', message: `${seen.replica} ended the connection without an answer` };
}

function otherKey(seen: Seen): End {
  const message = `${seen.replica} shows the host key ${seen.otherKey}, which is not the pinned one: nothing was sent`;
  return { kind: 'host-key', code: 'host-key', message };
}

/** Hosts that are busy take connections again within seconds. */
export const retryMs = 2_000;

/** Rekey's own login did not open: certainly nothing was changed. */
export function refusedBy(end: End): Outcome<never> {
  const more: Partial<Fault> = { target: end.code };
  if (end.kind === 'turned-away') return refused('throttled', end.message, { ...more, retryAfterMs: retryMs });
  if (end.kind === 'unreachable' || end.kind === 'timeout' || end.kind === 'aborted' || end.kind === 'dropped')
    return refused('unreachable', end.message, more);
  if (end.kind === 'handshake') return refused('protocol', end.message, more);
  return refused('auth', end.kind === 'host-key' ? end.message : `Rekey's own login failed: ${end.message}`, more);
}

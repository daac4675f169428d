// What an SSH login with one secret says about that secret, as data. Only sshd's own credential error is `rejected`.
import type { Probed, ProbeVerdict, Secret } from '../../kit/kit.ts';
import { type EndKind, retryMs } from './end.ts';
import type { Limits } from './exec.ts';
import { type Credential, openLink } from './link.ts';
import type { Endpoint } from './settings.ts';

/** The name of this way to log in, in every cell. */
export const sshPath = 'ssh';

export const loginVerdicts: { readonly [kind in EndKind]: { readonly verdict: ProbeVerdict; readonly why: string } } = {
  rejected: { verdict: 'rejected', why: 'sshd looked at the secret and refused it' },
  partial: { verdict: 'accepted', why: 'the secret counts; another factor is asked for as well' },
  account: { verdict: 'blocked', why: 'PAM accepted the secret and turned the account away (expired, nologin)' },
  'must-change': { verdict: 'blocked', why: 'the secret is right and outdated' },
  dropped: { verdict: 'indeterminate', why: 'the connection ended without an answer' },
  'asks-more': { verdict: 'indeterminate', why: 'a prompt that is not for a password came first' },
  'not-offered': { verdict: 'indeterminate', why: 'the host does not take this kind of secret: it was not sent' },
  'turned-away': { verdict: 'indeterminate', why: 'too many connections or a penalty: the secret was not sent' },
  'host-key': { verdict: 'indeterminate', why: 'another host key than the pinned one: the secret was not sent' },
  handshake: { verdict: 'indeterminate', why: 'no common algorithm: the secret was not sent' },
  unreachable: { verdict: 'indeterminate', why: 'no connection' },
  'bad-secret': { verdict: 'indeterminate', why: 'the secret is no private key: nothing was sent' },
  timeout: { verdict: 'indeterminate', why: 'no answer in time' },
  aborted: { verdict: 'indeterminate', why: 'stopped' },
};

/** An open login proves the secret; no command is run with it, so an account without a shell is proved too. */
export async function attemptLogin(endpoint: Endpoint, credential: Credential, limits: Limits): Promise<Probed> {
  if (isEmpty(credential.secret)) return { verdict: 'indeterminate', code: 'empty-secret' };
  const attempt = await openLink(endpoint, credential, limits);
  if (attempt.kind === 'open') {
    attempt.link.end();
    return { verdict: 'accepted', code: attempt.by };
  }
  const { kind, code } = attempt.end;
  return { verdict: loginVerdicts[kind].verdict, code, ...(kind === 'turned-away' ? { retryAfterMs: retryMs } : {}) };
}

export const isEmpty = (secret: Secret): boolean => secret.use((bytes) => bytes.length === 0);

/** A PEM block is a key; everything else is typed as a password. */
export const kindOf = (secret: Secret): Credential['kind'] => (secret.text((text) => text.startsWith('-----BEGIN ')) ? 'key' : 'password');

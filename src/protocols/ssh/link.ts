// One SSH connection made with one secret: nothing of ours is sent to a host that shows another key, and how an attempt ended is never a guess.
import type { AnyAuthMethod, AuthenticationType, Client, ParsedKey, ServerHostKeyAlgorithm } from 'ssh2';
import type { Secret } from '../../kit/kit.ts';
import { type End, endOfClose, endOfError, type Seen } from './end.ts';
import { type Limits, Link } from './exec.ts';
import { fingerprintOf, parsePrivateKey } from './key.ts';
import type { Endpoint } from './settings.ts';

export type Credential = { readonly user: string; readonly secret: Secret; readonly kind: 'password' | 'key' };
const keepaliveInterval = 20_000;

/** `by` is the method that opened it; `none`: the host asked for no secret at all. */
type Attempt =
  | { readonly kind: 'open'; readonly link: Link; readonly by: AuthenticationType }
  | { readonly kind: 'closed'; readonly end: End };

export async function openLink(endpoint: Endpoint, credential: Credential, { timeoutMs, signal }: Limits): Promise<Attempt> {
  const closed = (kind: End['kind'], code: string, message: string): Attempt => ({ kind: 'closed', end: { kind, code, message } });
  if (signal.aborted) return closed('aborted', 'ABORTED', 'stopped before anything was sent');
  let key: ParsedKey | undefined;
  if (credential.kind === 'key') {
    const parsed = await credential.secret.text(parsePrivateKey);
    if ('bad' in parsed) return closed('bad-secret', 'not-a-key', `the secret is ${parsed.bad}`);
    key = parsed.key;
  }
  const { default: ssh2 } = await import('ssh2');
  const client: Client = new ssh2.Client();
  const seen: Seen = { replica: endpoint.replica, connected: false, sent: false, banner: false };
  return new Promise<Attempt>((resolve) => {
    let settled = false;
    let by: AuthenticationType = 'none';
    const settle = (attempt: Attempt): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      // Without waiting: the goodbye of a host that hangs is not worth our time.
      if (attempt.kind === 'closed') client.destroy();
      resolve(attempt);
    };
    const end = (found: End): void => settle({ kind: 'closed', end: found });
    const aborted = (): void => settle(closed('aborted', 'ABORTED', 'stopped'));
    const timer = setTimeout(() => settle(closed('timeout', 'ETIMEDOUT', `no answer from ${endpoint.replica} in time`)), timeoutMs);
    signal.addEventListener('abort', aborted, { once: true });

    // Listeners stay: an error after the end of an attempt would otherwise end the process.
    client.on('error', (error: Error) => end(endOfError(error, seen)));
    client.on('close', () => end(endOfClose(seen)));
    client.on('connect', () => {
      seen.connected = true;
    });
    client.on('banner', () => {
      seen.banner ||= seen.sent;
    });
    client.on('change password', () =>
      end({ kind: 'must-change', code: 'change-required', message: 'the password is right and must be changed' }),
    );
    client.on('ready', () => (settled ? client.destroy() : settle({ kind: 'open', link: new Link(client), by })));

    const next = (offered: readonly string[] | null, partial: boolean | null): AnyAuthMethod | false => {
      const username = credential.user;
      // Asked first without a secret: the answer lists the methods, and a host that lets anybody in says so.
      if (offered === null) return { type: 'none', username };
      if (partial === true)
        end({ kind: 'partial', code: 'partial-success', message: 'the secret is right; the host asks for another one too' });
      else if (seen.sent) end({ kind: 'rejected', code: 'auth-failure', message: 'the host refused the secret' });
      if (settled) return false;
      const method = methodOf(credential.kind, offered);
      if (method === undefined) {
        end({ kind: 'not-offered', code: 'not-offered', message: `the host offers ${offered.join(', ')} only` });
        return false;
      }
      by = method;
      if (method === 'keyboard-interactive')
        return { type: method, username, prompt: (_name, _text, _lang, asked, answer) => prompted(asked, answer) };
      seen.sent = true;
      return method === 'publickey'
        ? { type: method, username, key: key as ParsedKey } // parsed above for kind `key`, and methodOf gives publickey for nothing else
        : { type: method, username, password: credential.secret.text((text) => text) };
    };
    const prompted = (asked: readonly { prompt: string; echo?: boolean }[], answer: (answers: string[]) => void): void => {
      const [first] = asked;
      // Only a hidden prompt for a password gets the password: a second factor's prompt would log it.
      if (seen.sent || asked.length !== 1 || first === undefined || first.echo === true || !/pass/i.test(first.prompt)) {
        end({ kind: 'asks-more', code: 'asks-more', message: 'the host asks for something else than a password' });
        return;
      }
      seen.sent = true;
      answer([credential.secret.text((text) => text)]);
    };

    const { fingerprints, types } = endpoint.pins;
    client.connect({
      host: endpoint.host,
      port: endpoint.port,
      username: credential.user,
      readyTimeout: 0, // ours counts from the first packet
      keepaliveInterval, // a firewall that forgets an idle connection tells nobody
      ...(types.length === 0 ? {} : { algorithms: { serverHostKey: types.flatMap(algorithmsOf) } }),
      hostVerifier: (blob: Buffer) => {
        const shown = fingerprintOf(blob);
        if (fingerprints.includes(shown)) return true;
        seen.otherKey = shown;
        return false;
      },
      authHandler: ((offered: AuthenticationType[] | null, partial: boolean | null) => next(offered, partial)) as never, // the driver's types leave out returning the method, which it documents
    });
  });
}

function methodOf(kind: Credential['kind'], offered: readonly string[]): 'password' | 'keyboard-interactive' | 'publickey' | undefined {
  if (kind === 'key') return offered.includes('publickey') ? 'publickey' : undefined;
  return (['password', 'keyboard-interactive'] as const).find((method) => offered.includes(method));
}

/** An RSA key is shown under the names of its signature hashes. */
function algorithmsOf(type: string): ServerHostKeyAlgorithm[] {
  return (type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type]) as ServerHostKeyAlgorithm[]; // the estate file names the type; the driver refuses one it does not know
}

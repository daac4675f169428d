// A password used on the host itself: by sudo and by su, asked through Rekey's login. What their words say about the password, as data.
import type { AccountRef, Probed, ProbeVerdict, Secret } from '../../kit/kit.ts';
import type { Host } from '../../protocols/ssh/host.ts';

type LocalPath = 'sudo' | 'su';
type Meaning = { readonly says: RegExp; readonly verdict: ProbeVerdict; readonly code: string };

/** First match wins; everything else is indeterminate. LC_ALL=C keeps the words. */
export const localMeanings: { readonly [path in LocalPath]: readonly Meaning[] } = {
  sudo: [
    { says: /account validation failure|account expired|PAM account management error/i, verdict: 'blocked', code: 'account' },
    // Said of an account without any rule, before its password is looked at: any value gets this answer.
    { says: /may not run sudo|is not in the sudoers file/i, verdict: 'indeterminate', code: 'not-in-sudoers' },
    // The outer sudo, which Rekey's login uses.
    { says: /is not allowed to execute/i, verdict: 'indeterminate', code: 'not-permitted' },
    { says: /incorrect password attempt|sorry, try again|authentication failure/i, verdict: 'rejected', code: 'wrong-password' },
  ],
  su: [
    {
      says: /account has expired|account is currently not available|cannot open session|password has expired/i,
      verdict: 'blocked',
      code: 'account',
    },
    { says: /authentication failure/i, verdict: 'rejected', code: 'wrong-password' },
  ],
};

export function localVerdict(path: LocalPath, status: number, said: string): Probed {
  if (status === 0) return { verdict: 'accepted', code: '0' };
  const found = localMeanings[path].find(({ says }) => says.test(said));
  return { verdict: found?.verdict ?? 'indeterminate', code: found?.code ?? String(status) };
}

export async function attemptLocally(host: Host, path: LocalPath, account: AccountRef, secret: Secret): Promise<Probed> {
  const input = secret.text((text) => `${text}\n`);
  const { name } = account;
  // -k: a sudo of a minute ago proves nothing about this password.
  const answer = await host.once(
    path === 'sudo' ? { argv: ['sudo', '-k', '-S', '-p', '', '-v'], as: name, input } : { argv: ['su', '-c', 'true', name], input },
  );
  // nologin says its piece on standard output.
  if (answer.kind === 'exited')
    return localVerdict(
      path,
      answer.code,
      `${answer.err}
${answer.out}`,
    );
  if (answer.kind !== 'unopened') return { verdict: 'indeterminate', code: answer.code };
  const { outcome } = answer;
  return { verdict: 'indeterminate', code: outcome.kind === 'done' ? 'unopened' : (outcome.fault.target ?? outcome.fault.code) };
}

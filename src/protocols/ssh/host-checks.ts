// The checks every connector of a Linux host begins with: reach, host key, login, and each command Rekey needs as root, told apart.
import type { Check, Fault, Io } from '../../kit/kit.ts';
import { exitOf, type Host, ran } from './host.ts';

/** `runs`: a harmless command in the form that will be used, and the sudo rule that allows it. */
export type Need = {
  readonly argv: readonly string[];
  readonly as: string;
  readonly rule: string;
  readonly what: string;
  readonly input?: string;
};

/** Yields `auth` last; what comes after it makes sense only when this returns true. */
export async function* reachChecks(host: Host): AsyncGenerator<Check, boolean> {
  const { replica } = host.endpoint;
  const answer = await host.ask({ argv: ['true'] });
  if (answer.kind === 'unopened') {
    yield* refusedLogin(answer.outcome.kind === 'refused' ? answer.outcome.fault : undefined, host);
    return false;
  }
  yield { id: 'reach', verdict: 'ok', message: `${replica} answers` };
  yield { id: 'tls', verdict: 'ok', message: 'the host shows its pinned key' };
  if (answer.kind === 'exited' && answer.code === 0) {
    yield { id: 'auth', verdict: 'ok', message: `logged in as ${host.user}` };
    return true;
  }
  yield {
    id: 'auth',
    verdict: 'fail',
    message: `logged in as ${host.user}, but it cannot run a command`,
    next: "Give Rekey's login a shell, no forced command, and a password that need not be changed.",
  };
  return false;
}

function* refusedLogin(fault: Fault | undefined, host: Host): Generator<Check> {
  const { replica } = host.endpoint;
  const code = fault?.target ?? 'no-code';
  const message = fault?.message ?? `${replica} does not answer`;
  if (fault?.code === 'unreachable' || fault === undefined) {
    yield { id: 'reach', verdict: 'fail', message, next: 'Check host, port, firewall, and that sshd runs.' };
    return;
  }
  yield { id: 'reach', verdict: 'ok', message: `${replica} answers` };
  if (code === 'host-key') {
    const next =
      'Find out why before anything else. If the key was changed on purpose, compare it on the console (ssh-keygen -lf) and put it in config.hostKey.';
    yield { id: 'tls', verdict: 'fail', message, next };
  } else if (code === 'handshake') {
    yield {
      id: 'tls',
      verdict: 'fail',
      message,
      next: 'Compare HostKeyAlgorithms and KexAlgorithms of the host with the kind of the pinned key.',
    };
  } else if (fault.code === 'throttled') {
    yield { id: 'reach', verdict: 'fail', message, next: 'Allow this machine more: MaxStartups, PerSourcePenaltyExemptList, fail2ban.' };
  } else {
    yield {
      id: 'auth',
      verdict: 'fail',
      message,
      next: loginNext[code] ?? "Put the right secret where config points, and read the host's auth log.",
    };
  }
}

const loginNext: { readonly [code: string]: string } = {
  'not-offered': 'Let sshd take this kind of secret (PubkeyAuthentication, PasswordAuthentication), or give the other kind.',
  'not-a-key': 'Give an unencrypted private key in OpenSSH or PEM form.',
  account: "Rekey's own account is expired or shut out by PAM: open it.",
};

export async function* rightsChecks(host: Host, needs: readonly Need[]): AsyncGenerator<Check> {
  const missing: Check[] = [];
  for (const { argv, as, rule, what, input } of needs) {
    const exit = exitOf(await host.ask({ argv, as, ...(input === undefined ? {} : { input }) }));
    if (ran(exit)) continue;
    const message = exit.kind === 'done' ? what : `${what}: ${exit.fault.message}`;
    missing.push({ id: 'rights', verdict: 'fail', message, next: `Allow it: ${host.user} ${rule}` });
  }
  yield* missing;
  if (missing.length === 0)
    yield { id: 'rights', verdict: 'ok', message: host.user === 'root' ? 'root' : 'sudo allows all that is needed' };
}

/** More than this and one-time codes and Kerberos fail too; sessions are dated by the host's own clock. */
const skewMs = 60_000;

export async function clockCheck(host: Host, io: Io): Promise<Check> {
  const exit = exitOf(await host.ask({ argv: ['date', '+%s'] }));
  const seconds = ran(exit) ? Number(exit.out) : Number.NaN;
  if (!Number.isFinite(seconds) || seconds === 0)
    return { id: 'clock', verdict: 'warn', message: 'the host did not say its time', next: 'Check that date works there.' };
  const off = Math.abs(seconds * 1000 - io.now().getTime());
  return off <= skewMs
    ? { id: 'clock', verdict: 'ok', message: 'the clocks agree' }
    : {
        id: 'clock',
        verdict: 'warn',
        message: `the clocks differ by ${Math.round(off / 1000)} s`,
        next: 'Synchronise the clocks of both machines.',
      };
}

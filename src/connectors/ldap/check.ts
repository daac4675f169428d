// What `doctor` shows of a directory. Each failure names its own cause (unreachable, wrong CA, wrong password, missing right) and the next step.
import type { Check } from '../../kit/kit.ts';
import { isLoopback } from '../../kit/settings.ts';
import { present } from '../../protocols/ldap/filter.ts';
import { Link, LinkError } from '../../protocols/ldap/link.ts';
import { valuesOf } from '../../protocols/ldap/message.ts';
import { checkRights } from './check-rights.ts';
import type { Clocks } from './clock.ts';
import type { Directory, Server } from './directory.ts';
import type { Policies } from './policy.ts';

export type Checked = { readonly directory: Directory; readonly policies: Policies; readonly clocks: Clocks };

/** A clock further off than this makes every time on a report hard to read; verdicts compare server times only with server times. */
const skewMs = 60_000;

export async function* checks(checked: Checked): AsyncGenerator<Check> {
  const { directory } = checked;
  const connected = await connect(directory.primary, directory.io.timeoutMs);
  yield* connected.checks;
  if (!connected.ok) return;
  const auth = await authenticate(directory, directory.primary);
  yield auth;
  if (auth.verdict === 'fail') return;
  yield* checkRights(directory, checked.policies);
  yield* checkPolicy(checked);
  yield await checkClock(checked);
  yield* checkReplicas(checked);
}

async function connect({ endpoint }: Server, timeoutMs: number): Promise<{ readonly ok: boolean; readonly checks: readonly Check[] }> {
  const place = `${endpoint.host}:${endpoint.port}`;
  const reached: Check = { id: 'reach', verdict: 'ok', message: `${place} answers.` };
  try {
    const link = await Link.open(endpoint, timeoutMs);
    link.close();
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    if (error.stage === 'tls') return { ok: false, checks: [reached, tlsFailure(endpoint.url, error)] };
    const next = reachNext[error.code] ?? 'Check the host, the port and the firewall between Rekey and the server.';
    return { ok: false, checks: [{ id: 'reach', verdict: 'fail', message: `${place} cannot be reached (${error.code}).`, next }] };
  }
  if (endpoint.tls !== 'none')
    return { ok: true, checks: [reached, { id: 'tls', verdict: 'ok', message: `The certificate of ${place} is trusted.` }] };
  const next = 'Use ldaps:// or startTls: true: over plain ldap passwords are readable on the way.';
  const message = isLoopback(endpoint.host)
    ? 'No TLS; the server is on this machine.'
    : 'No TLS: every new password crosses the network in the clear.';
  return { ok: true, checks: [reached, { id: 'tls', verdict: 'warn', message, next }] };
}

const reachNext: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens on that port: check the port, and that the server runs.',
  ENOTFOUND: 'The name does not resolve: check the host in url.',
  EAI_AGAIN: 'The name service did not answer: check DNS, then try again.',
  ETIMEDOUT: 'No answer at all: check the firewall between Rekey and the server.',
};

const untrusted = [
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_GET_ISSUER_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
];

function tlsFailure(url: string, { code, message }: LinkError): Check {
  const fail = (text: string, next: string): Check => ({ id: 'tls', verdict: 'fail', message: text, next });
  if (untrusted.includes(code)) {
    return fail(
      `The certificate of ${url} is not signed by a CA Rekey trusts (${code}).`,
      "Set config.ca to the PEM file of the CA that signed the server's certificate.",
    );
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return fail(
      `The certificate of ${url} is not valid today (${code}).`,
      'Renew the certificate of the server, or correct the clock of this machine.',
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return fail(
      `The certificate of ${url} is for another name.`,
      'Use the name on the certificate in url, or give it as config.servername.',
    );
  }
  return fail(
    `${url} does not complete TLS (${code}${message === code ? '' : `: ${message.slice(0, 120)}`}).`,
    'Check that the port speaks TLS (ldaps is 636; 389 needs startTls: true).',
  );
}

/** Code of a refused login → what happened, what to do. */
const loginFailures: Readonly<Record<string, readonly [string, string]>> = {
  '49': [
    'the server refuses the password (49)',
    'Check bind.dn and the value bind.password points at; a locked or missing account answers the same.',
  ],
  '53': ['the server is unwilling (53)', 'The account may be inactivated, or the server wants TLS for logins: see its log.'],
  empty: ['the bind password is empty', 'Put the password where bind.password points.'],
  'must-change': ['the password must be changed before it can be used', 'Change it in the directory, then where bind.password points.'],
};

async function authenticate(directory: Directory, server: Server): Promise<Check> {
  const { dn } = directory.settings.bind;
  try {
    await server.bound.link();
    return { id: 'auth', verdict: 'ok', message: `Logged in as ${dn}.` };
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    const unread = [`the bind password cannot be read (${error.message})`, 'Check where bind.password points.'] as const;
    const other = [`no clear answer (${error.code})`, 'See the log of the server for this connection.'] as const;
    const [why, next] = error.code === 'no-password' ? unread : (loginFailures[error.code] ?? other);
    return { id: 'auth', verdict: 'fail', message: `Login as ${dn} failed: ${why}.`, next };
  }
}

async function* checkPolicy({ directory, policies }: Checked): AsyncGenerator<Check> {
  const read = await policies.of(undefined);
  if (read.kind !== 'done') {
    yield {
      id: 'policy',
      verdict: 'fail',
      message: read.fault.message,
      next: 'Give the account Rekey binds with read access to the pwdPolicy entries.',
    };
    return;
  }
  const policy = read.value;
  if (policy === undefined) {
    const threshold = await policies.threshold(undefined);
    const message =
      threshold === 0
        ? 'The server has no password policy: no lockout, no history.'
        : 'No password policy can be read: lockout limits are unknown, so old passwords are probed with caution or not at all.';
    yield threshold === 0
      ? { id: 'policy', verdict: 'ok', message }
      : { id: 'policy', verdict: 'warn', message, next: policyNext((await directory.abilities())?.netscape === true) };
    return;
  }
  const lockout = policy.lockout && policy.maxFailure > 0 ? `lock after ${policy.maxFailure} failures` : 'no lock by failures';
  const message = `${policy.dn}: at least ${policy.minLength} characters, ${policy.history} remembered, ${lockout}.`;
  // 389 Directory Server honours nsAccountLock whatever its policy says.
  if (policy.lockout || (await directory.abilities())?.netscape === true) yield { id: 'policy', verdict: 'ok', message };
  else
    yield {
      id: 'policy',
      verdict: 'warn',
      message: `${message} pwdLockout is FALSE.`,
      next: `Set pwdLockout TRUE on ${policy.dn} to be able to block accounts (mode contain).`,
    };
}

const policyNext = (netscape: boolean): string =>
  netscape
    ? 'Give the account Rekey binds with read access to the password attributes of cn=config (an aci there).'
    : 'Set config.policyDn, and give the account Rekey binds with read access to it.';

async function checkClock({ directory, clocks }: Checked): Promise<Check> {
  const now = await clocks.now(directory.primary);
  if (now === undefined) {
    const next = `Give the account Rekey binds with read access to cn=Current,cn=Time,${directory.settings.monitorBase}.`;
    return { id: 'clock', verdict: 'warn', message: "The server's clock cannot be read: changes cannot be dated against it.", next };
  }
  const skew = Math.abs(now.getTime() - directory.io.now().getTime());
  if (skew <= skewMs)
    return { id: 'clock', verdict: 'ok', message: `The server's clock differs from ours by less than ${Math.ceil((skew + 1) / 1000)} s.` };
  return {
    id: 'clock',
    verdict: 'warn',
    message: `The server's clock is ${Math.round(skew / 1000)} s off ours.`,
    next: 'Set both clocks by NTP.',
  };
}

async function* checkReplicas({ directory }: Checked): AsyncGenerator<Check> {
  const [primary, ...replicas] = directory.servers;
  const wanted = await contextCsn(directory, primary);
  for (const replica of replicas) {
    const connected = await connect(replica, directory.io.timeoutMs);
    const failed = connected.checks.find(({ verdict }) => verdict === 'fail') ?? (await failedLogin(directory, replica));
    if (failed !== undefined) {
      yield { ...failed, id: 'replicas', message: `${replica.url}: ${failed.message}` };
      continue;
    }
    const has = await contextCsn(directory, replica);
    if (wanted === undefined || has === undefined)
      yield { id: 'replicas', verdict: 'ok', message: `${replica.url} answers; it does not show how current it is.` };
    else if (has === wanted) yield { id: 'replicas', verdict: 'ok', message: `${replica.url} has every change of ${primary.url}.` };
    else {
      const next = 'Check replication there: an old password lives on until it has caught up.';
      yield { id: 'replicas', verdict: 'warn', message: `${replica.url} does not have every change of ${primary.url} yet.`, next };
    }
  }
}

async function failedLogin(directory: Directory, server: Server): Promise<Check | undefined> {
  const auth = await authenticate(directory, server);
  return auth.verdict === 'fail' ? auth : undefined;
}

async function contextCsn(directory: Directory, server: Server): Promise<string | undefined> {
  const search = { base: directory.settings.base, scope: 'base', filter: present('objectClass'), attributes: ['contextCSN'] } as const;
  const found = await directory.search(server, search);
  const values = found.kind === 'done' && found.value[0] !== undefined ? valuesOf(found.value[0], 'contextCSN') : [];
  return values.length === 0 ? undefined : [...values].sort().join(' ');
}

// What doctor shows of any of these servers. Reach, TLS, login, clock and replicas are told apart, and each says the next step.
import type { Check, Io } from '../../kit/kit.ts';
import type { Answer } from './fault.ts';
import { dateOf, type Server } from './server.ts';

type Failed = Exclude<Answer<never>, { kind: 'rows' }>;

export function* refusedLogin(failed: Failed, user: string, replica: string): Generator<Check> {
  const errno = failed.kind === 'lost' ? undefined : failed.errno;
  const code = failed.kind === 'failed' ? String(failed.errno) : failed.code;
  const reached: Check = { id: 'reach', verdict: 'ok', message: `${replica} answers` };
  if (errno !== undefined || code === 'EOWNSECRET') {
    yield reached;
    const next = code === 'EOWNSECRET' ? 'Make config.password point to something that can be read.' : loginNext[errno ?? 0];
    yield {
      id: 'auth',
      verdict: 'fail',
      message: `${replica} refused the login of ${user} (${code})`,
      next: next ?? 'Read the server log for the reason it gives.',
    };
  } else if (/TLS|SSL|CERT/.test(code)) {
    yield reached;
    yield { id: 'tls', verdict: 'fail', message: `no verified TLS connection to ${replica} (${code})`, next: tlsNext(code) };
  } else if (code.startsWith('AUTH_SWITCH') || code.startsWith('MYSQL_CLEAR')) {
    yield reached;
    yield {
      id: 'auth',
      verdict: 'fail',
      message: `${replica} asks ${user} for a login of a kind Rekey does not speak (${code})`,
      next: 'Give the Rekey account a password plugin: ed25519, mysql_native_password or caching_sha2_password.',
    };
  } else {
    yield {
      id: 'reach',
      verdict: 'fail',
      message: `${replica} does not answer (${code})`,
      next: 'Check host, port, firewall, and bind_address of the server.',
    };
  }
}

const loginNext: Readonly<Record<number, string>> = {
  1040: 'Raise max_connections or free some connections.',
  1045: 'Put the right password where config.password points, and check that the account may come from this machine.',
  1129: 'Run FLUSH HOSTS on the server, and look for what breaks its connections.',
  1130: 'Create the Rekey account for the host this machine comes from.',
  1820: 'Set a new password for the Rekey account by hand, then put it where config.password points.',
  1862: 'Set a new password for the Rekey account by hand, then put it where config.password points.',
  4150: 'Run FLUSH PRIVILEGES on the server, and look for who tries the Rekey account.',
  4151: 'ALTER USER … ACCOUNT UNLOCK for the Rekey account.',
  3118: 'ALTER USER … ACCOUNT UNLOCK for the Rekey account.',
  3955: 'ALTER USER … ACCOUNT UNLOCK for the Rekey account, and look for who tries it.',
};

function tlsNext(code: string): string {
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return 'Turn TLS on at the server (ssl_cert, ssl_key).';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'Use the name in the certificate as host, or set tls.servername to it.';
  return "Give the server's CA as tls.ca; if it is right, check that host is a name in the certificate.";
}

export async function tlsCheck(server: Server): Promise<Check> {
  const answer = await server.query<{ Value: string }>(`SHOW SESSION STATUS LIKE 'Ssl_version'`);
  const version = answer.kind === 'rows' ? (answer.rows[0]?.Value ?? '') : '';
  if (version !== '') return { id: 'tls', verdict: 'ok', message: `${version}, certificate verified` };
  return { id: 'tls', verdict: 'ok', message: 'no TLS: this machine only, or allowed by the estate file' };
}

/** A second of skew is more than any query takes; sessions and changes are dated by the server alone. */
export async function clockCheck(server: Server, io: Io): Promise<Check> {
  const began = io.now();
  const answer = await server.query<{ now: string }>('SELECT UNIX_TIMESTAMP(NOW(6)) AS now');
  const [row] = answer.kind === 'rows' ? answer.rows : [];
  if (row === undefined) return { id: 'clock', verdict: 'warn', message: "the server's time cannot be read", next: 'Run the check again.' };
  const now = dateOf(row.now).getTime();
  const skew = Math.max(began.getTime() - now, now - io.now().getTime(), 0);
  if (skew <= 1_000) return { id: 'clock', verdict: 'ok', message: "the server's clock agrees with ours" };
  return {
    id: 'clock',
    verdict: 'warn',
    message: `the server's clock differs by ${Math.round(skew / 1000)} s`,
    next: 'Run a time service on both machines.',
  };
}

// The checks of doctor that every HTTP server has in common, with the next step for each failure.
import type { Check } from '../../kit/kit.ts';
import { isTlsCode } from './exchange.ts';

/** For a call that got no answer. */
export function unreached(code: string, replica: string, field = 'config.url'): Check {
  if (!isTlsCode(code))
    return { id: 'reach', verdict: 'fail', message: `${replica} does not answer (${code})`, next: `Check ${field} and the firewall.` };
  const next =
    code === 'ERR_TLS_CERT_ALTNAME_INVALID'
      ? `Use the name in the certificate in ${field}, or set tls.servername to it.`
      : "Give the server's CA as tls.ca.";
  return { id: 'tls', verdict: 'fail', message: `no verified TLS connection to ${replica} (${code})`, next };
}

export function protectedBy(url: URL): Check {
  const message = url.protocol === 'https:' ? 'certificate verified' : 'no TLS: this machine only, or allowed by the estate file';
  return { id: 'tls', verdict: 'ok', message };
}

/** The Date header has whole seconds; a second of skew is more than any call takes. */
export function clockCheck(server: Date, began: Date, ended: Date): Check {
  const skew = Math.max(began.getTime() - server.getTime() - 1000, server.getTime() - ended.getTime(), 0);
  if (skew <= 1000) return { id: 'clock', verdict: 'ok', message: "the server's clock agrees with ours" };
  return {
    id: 'clock',
    verdict: 'warn',
    message: `the server's clock differs by ${Math.round(skew / 1000)} s`,
    next: 'Run a time service on both machines.',
  };
}

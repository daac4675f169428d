// What a server's TLS alert says about the client certificate it was shown. Alerts by number (RFC 8446 section 6), verdicts by what they can only mean.
import type { ProbeVerdict } from '../../domain/verdict.ts';

/**
 * `rejected`: this certificate opens nothing here. `blocked`: it was understood and not let in, or the reason is not its own.
 * 45 is not in the table: a server whose revocation list has expired says "certificate expired" of every certificate.
 */
const verdicts: Readonly<Record<number, ProbeVerdict>> = {
  42: 'rejected', // bad_certificate: what Go says of anything it does not trust
  43: 'blocked', // unsupported_certificate: not for client authentication
  44: 'rejected', // certificate_revoked
  46: 'rejected', // certificate_unknown
  48: 'rejected', // unknown_ca
  49: 'blocked', // access_denied: a valid certificate, and no access
  51: 'rejected', // decrypt_error: the CA named in it did not sign it; that our key belongs to it was checked before
};
const expired = 45;

/** `notAfter`: the end of the certificate that was shown. */
export function alertVerdict(alert: number, notAfter: Date, now: Date): ProbeVerdict {
  if (alert === expired) return notAfter <= now ? 'rejected' : 'indeterminate';
  return verdicts[alert] ?? 'indeterminate';
}

/** OpenSSL names the alert in a text that differs between versions; the number at its end does not. */
export function alertOf(error: unknown): number | undefined {
  const message = error instanceof Error ? error.message : '';
  const number = /SSL alert number (\d+)/.exec(message)?.[1];
  return number === undefined ? undefined : Number(number);
}

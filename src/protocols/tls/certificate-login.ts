// A login by client certificate: shown in a new handshake, and what the server then says is the verdict. Silence and a closed connection prove nothing.
import type { Io, Probed, Secret } from '../../kit/kit.ts';
import { pageMeans } from '../http/page-rule.ts';
import { alertVerdict } from './alert.ts';
import { identityIn } from './pem.ts';
import type { ServerAnswers } from './server-settings.ts';
import { type Shown, showCertificate } from './show-certificate.ts';

/** `ca` is PEM text, already read. */
export type CertificateServer = { readonly host: string; readonly port: number; readonly ca?: string };

export async function certificateLogin(server: CertificateServer, answers: ServerAnswers, secret: Secret, io: Io): Promise<Probed> {
  if (secret.use((bytes) => bytes.length === 0)) return { verdict: 'indeterminate', code: 'empty-secret' };
  const identity = secret.text(identityIn);
  if (identity === undefined) return { verdict: 'indeterminate', code: 'no-key-with-certificate' };
  const { servername, http } = answers;
  const page = http === undefined ? {} : { page: { path: http.path, host: servername ?? server.host } };
  const shown = await showCertificate({ ...server, ...(servername === undefined ? {} : { servername }), ...page }, identity, io);
  const url = new URL(`https://${server.host.includes(':') ? `[${server.host}]` : server.host}:${server.port}${http?.path ?? '/'}`);
  return verdictOf(shown, http, url, { notAfter: new Date(identity.certificate.validTo), now: io.now() });
}

export function verdictOf(
  shown: Shown,
  http: ServerAnswers['http'],
  url: URL,
  dates: { readonly notAfter: Date; readonly now: Date },
): Probed {
  switch (shown.kind) {
    case 'alert':
      return { verdict: alertVerdict(shown.alert, dates.notAfter, dates.now), code: `alert ${shown.alert}` };
    case 'open':
      return { verdict: 'accepted', code: 'open' };
    case 'closed':
      return { verdict: 'indeterminate', code: 'closed without an alert' };
    case 'failed':
      return { verdict: 'indeterminate', code: shown.code };
    case 'page': {
      const meanings = [
        { rules: http?.accepted ?? [], means: 'accepted' as const },
        { rules: http?.rejected ?? [], means: 'rejected' as const },
        { rules: http?.blocked ?? [], means: 'blocked' as const },
      ];
      return { verdict: pageMeans(meanings, { ...shown, url }) ?? 'indeterminate', code: String(shown.status) };
    }
  }
}

// Three ways to ask whether a certificate still opens anything: a handshake with each server, the revocation list, the OCSP responder.
import type { Capabilities, Probed, Secret } from '../../kit/kit.ts';
import { readCa } from '../../kit/settings.ts';
import { certificateLogin } from '../../protocols/tls/certificate-login.ts';
import { type Identity, identityIn } from '../../protocols/tls/pem.ts';
import type { Authority } from './authority.ts';
import { serialText } from './der.ts';
import { askOcsp, fetchCrl } from './published.ts';

type Path = { readonly path: string; readonly replica: string; attempt(secret: Secret): Promise<Probed> };

export function probe(authority: Authority): Capabilities['probe'] {
  const { settings, io } = authority;
  const { crl, ocsp } = settings;
  const paths: readonly Path[] = [
    ...settings.servers.map(({ host, port, ca, ...answers }, n): Path => {
      const server = { host, port, ...(ca === undefined ? {} : { ca: readCa(ca, io, `config.servers.${n}.ca`) }) };
      return { path: 'mtls', replica: `${host}:${port}`, attempt: (secret) => certificateLogin(server, answers, secret, io) };
    }),
    ...(crl === undefined
      ? []
      : [
          {
            path: 'crl',
            replica: crl.url === undefined ? (crl.file ?? '') : new URL(crl.url).host,
            attempt: (secret: Secret) =>
              onPaper(authority, secret, async (serial) => {
                const list = await fetchCrl(crl, authority.certificate, io);
                if (list.kind !== 'done') return { verdict: 'indeterminate', code: list.fault.target ?? list.fault.code };
                return list.value.revoked.has(serial)
                  ? { verdict: 'rejected', code: 'revoked' }
                  : { verdict: 'accepted', code: 'not-revoked' };
              }),
          },
        ]),
    ...(ocsp === undefined
      ? []
      : [
          {
            path: 'ocsp',
            replica: new URL(ocsp.url).host,
            attempt: (secret: Secret) =>
              onPaper(authority, secret, async (serial) => {
                const said = await askOcsp(ocsp.url, authority.certificate, serial, io);
                if (said.kind !== 'done') return { verdict: 'indeterminate', code: said.fault.target ?? said.fault.code };
                const verdicts = { good: 'accepted', revoked: 'rejected', unknown: 'indeterminate' } as const;
                return { verdict: verdicts[said.value.status], code: said.value.status };
              }),
          },
        ]),
  ];
  return {
    paths: async () => paths.map(({ path, replica }) => ({ path, replica })),
    async attempt(_account, secret, where) {
      const found = paths.find(({ path, replica }) => path === where.path && replica === where.replica);
      if (found === undefined) return { verdict: 'indeterminate', code: 'no-such-path' };
      if (secret.use((bytes) => bytes.length === 0)) return { verdict: 'indeterminate', code: 'empty-secret' };
      return found.attempt(secret);
    },
  };
}

/** What anybody can tell from the certificate alone comes first: whose it is, and whether it has ended by itself. */
async function onPaper(authority: Authority, secret: Secret, ask: (serial: string) => Promise<Probed>): Promise<Probed> {
  const identity: Identity | undefined = secret.text(identityIn);
  if (identity === undefined) return { verdict: 'indeterminate', code: 'no-key-with-certificate' };
  const { certificate } = identity;
  if (!authority.made(certificate)) return { verdict: 'rejected', code: 'not-issued' };
  if (new Date(certificate.validTo) <= authority.io.now()) return { verdict: 'rejected', code: 'expired' };
  return ask(serialText(certificate.serialNumber));
}

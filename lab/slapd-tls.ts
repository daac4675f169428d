// A CA of the lab's own and a server certificate for localhost, made with openssl: clients must be given the CA to connect.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type ServersCertificate = { readonly ca: string; readonly certificate: string; readonly key: string };

export function serversCertificate(dir: string, name = 'tls'): ServersCertificate {
  const file = (part: string) => join(dir, `${name}-${part}`);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...ec, '-days', '30', '-subj', '/CN=Lab CA', '-keyout', file('ca.key'), '-out', file('ca.pem'));
  openssl('req', ...ec, '-subj', '/CN=localhost', '-keyout', file('server.key'), '-out', file('server.csr'));
  writeFileSync(file('san'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const signing = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file('san')];
  openssl('x509', '-req', '-days', '30', '-in', file('server.csr'), ...signing, '-out', file('server.pem'));
  return { ca: file('ca.pem'), certificate: file('server.pem'), key: file('server.key') };
}

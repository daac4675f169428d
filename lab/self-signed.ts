// A certificate that signs itself, made with openssl: a server's own, or a CA's root.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** Two days: nothing of the lab lives longer. `san`: as openssl writes it, `DNS:localhost,IP:127.0.0.1`. */
export async function selfSigned(files: { readonly key: string; readonly certificate: string }, name: string, san?: string): Promise<void> {
  const names = ['-subj', `/CN=${name}`, ...(san === undefined ? [] : ['-addext', `subjectAltName=${san}`])];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', files.key];
  await exec('openssl', ['req', '-x509', ...key, '-days', '2', ...names, '-out', files.certificate], { timeout: 30_000 });
}

// Which workloads a TLS client certificate speaks for: issued by the authority of its own block, in time, under the name the block says.
import type { X509Certificate as Certificate } from 'node:crypto';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Problem } from '../domain/problem.ts';
import type { CertificateProof, WorkloadSpec } from '../estate/delivery.ts';
import { matchesPattern } from './claim-pattern.ts';
import { notProved, type Proved } from './workload-token.ts';

/** Chains in the field have one intermediate, rarely two. */
const longestChain = 5;

export type ClientAuthorities = { readonly requestCert: true; readonly rejectUnauthorized: false; readonly ca: string[] };

/** How a server listens for workloads: everybody else goes on without a certificate, and a wrong one is refused here, with a reason. */
export async function clientAuthorities(workloads: readonly WorkloadSpec[]): Promise<ClientAuthorities | undefined> {
  const files = new Set(workloads.flatMap(({ certificate }) => certificate?.ca ?? []));
  if (files.size === 0) return undefined;
  return { requestCert: true, rejectUnauthorized: false, ca: await Promise.all([...files].map((file) => read(file))) };
}

/** `peer` passed TLS's own check against one of the authorities; which one is told here. */
export async function workloadsOfCertificate(workloads: readonly WorkloadSpec[], peer: Certificate, now: Date): Promise<Proved> {
  if (Date.parse(peer.validTo) <= now.getTime() || Date.parse(peer.validFrom) > now.getTime())
    throw notProved('its certificate is not valid now');
  const proved: WorkloadSpec[] = [];
  for (const spec of workloads)
    if (spec.certificate !== undefined && isNamed(peer, spec.certificate) && (await isIssuedBy(peer, spec.certificate.ca)))
      proved.push(spec);
  if (proved.length === 0) throw notProved('its certificate is that of no workload in rekey.yaml');
  return { workloads: proved, subject: (subjectOf(peer) || (namesOf(peer)[0] ?? '')).slice(0, 300) };
}

function isNamed(peer: Certificate, { san, subject }: CertificateProof): boolean {
  return (
    (san === undefined || namesOf(peer).some((name) => matchesPattern(san, name))) && (subject === undefined || subject === subjectOf(peer))
  );
}

async function isIssuedBy(peer: Certificate, file: string): Promise<boolean> {
  const authorities = (await read(file))
    .match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
    ?.map((pem) => new X509Certificate(pem));
  let link: Certificate | undefined = peer;
  for (let n = 0; n < longestChain && link !== undefined; n++) {
    const child: Certificate = link;
    if (authorities?.some((ca) => child.checkIssued(ca) && child.verify(ca.publicKey))) return true;
    const parent: Certificate | undefined = child.issuerCertificate;
    link = parent !== undefined && child.checkIssued(parent) && child.verify(parent.publicKey) ? parent : undefined;
  }
  return false;
}

/** Node writes "DNS:a, URI:b", and quotes as JSON whatever could be taken for its own punctuation. */
function namesOf({ subjectAltName }: Certificate): readonly string[] {
  return [...(subjectAltName ?? '').matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(
    ([, kind, value = '']) => `${kind}:${value.startsWith('"') ? String(JSON.parse(value)) : value}`,
  );
}

/** In the order of the certificate, most specific last turned first: CN=batch,O=acme. */
function subjectOf({ subject }: Certificate): string {
  return (subject ?? '').split('\n').reverse().join(',');
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Problem('invalid-config', {
      message: `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
      place: 'rekey.yaml workloads',
      hint: 'name the PEM file of the authority under certificate.ca',
    });
  }
}

// The CA as the connector holds it: its certificate and chain, read once, and its list of what it issued.
import type { X509Certificate } from 'node:crypto';
import { Problem } from '../../domain/problem.ts';
import type { Io, Outcome } from '../../kit/kit.ts';
import { readCa } from '../../kit/settings.ts';
import { certificatesIn } from '../../protocols/tls/pem.ts';
import type { Config } from './config.ts';
import { type Issued, readIssued } from './issued.ts';

export class Authority {
  readonly settings: Config;
  readonly io: Io;
  readonly certificate: X509Certificate;
  /** PEM of the intermediates that go with every certificate. */
  readonly chain: string;

  /** Throws a Problem that names the place when a file cannot be read. */
  constructor(settings: Config, io: Io) {
    this.settings = settings;
    this.io = io;
    this.certificate = first(readCa(settings.ca, io, 'config.ca'), settings.ca);
    this.chain = settings.chain === undefined ? '' : readCa(settings.chain, io, 'config.chain');
  }

  issued(): Promise<Outcome<readonly Issued[]>> {
    return readIssued(this.settings.list, this.io);
  }

  /** By name and by signature: a name alone is anybody's. */
  made(certificate: X509Certificate): boolean {
    return certificate.checkIssued(this.certificate) && certificate.verify(this.certificate.publicKey);
  }
}

function first(text: string, written: string): X509Certificate {
  const [certificate] = safely(() => certificatesIn(text)) ?? [];
  if (certificate === undefined)
    throw new Problem('invalid-config', {
      message: `${written} holds no certificate`,
      place: 'config.ca',
      hint: 'Give the PEM file of the issuing CA.',
    });
  return certificate;
}

function safely<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

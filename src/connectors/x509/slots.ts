// Certificates as slots by serial number: key made here, certificate made by the CA, retired when the published list says so.
import { X509Certificate } from 'node:crypto';
import { type Capabilities, done, type FaultCode, indeterminate, type Outcome, refused, type Slot } from '../../kit/kit.ts';
import type { Authority } from './authority.ts';
import { filled, isArgument } from './config.ts';
import { serialText } from './der.ts';
import { isLive } from './issued.ts';
import { fetchCrl } from './published.ts';
import { type AltName, certificateRequest, type KeyPair, newKeyPair } from './request.ts';
import { type Ended, runCommand } from './run-command.ts';

/** Exit codes (sysexits.h) by which a command says that it changed nothing. Any other failure may have. */
const nothingDone: Readonly<Record<number, FaultCode>> = {
  64: 'unsupported',
  65: 'policy',
  67: 'not-found',
  69: 'unreachable',
  75: 'throttled',
  77: 'permission',
  78: 'unsupported',
};
const waitMs = 1000;

export function dualSecret(authority: Authority): Capabilities['dualSecret'] {
  const { io } = authority;
  return {
    async list(account) {
      const issued = await authority.issued();
      if (issued.kind !== 'done') return issued;
      const now = io.now();
      return done(issued.value.filter((each) => each.name === account.name && isLive(each, now)).map(slotOf));
    },
    async issue(account, sealer, label) {
      const known = await authority.issued();
      if (known.kind !== 'done') return known;
      if (!known.value.some(({ name }) => name === account.name))
        return refused('not-found', 'the CA has never issued anything to this name');
      if (!isArgument(account.name) || !isArgument(label)) return refused('unsupported', 'the name cannot be given to a command');
      const { issue } = authority.settings;
      const pair = newKeyPair(issue.key);
      const names = issue.altNames.map((each): AltName => altNameOf(each, account.name));
      const ended = await runCommand(
        filled(issue.command, { name: account.name, label }),
        certificateRequest(pair, account.name, issue.subject, names),
        io,
      );
      if (ended.kind !== 'exit' || ended.code !== 0) return failed(ended, 'the command that issues');
      const certificate = certificateIn(ended.output.toString('utf8'));
      const fault = certificate === undefined ? 'it printed no certificate' : wrongWith(certificate, pair, account.name, authority);
      // Something may have been issued: it is found in the list, and its key ends here with the pair.
      if (certificate === undefined || fault !== undefined)
        return indeterminate('protocol', `the command that issues ended well, but ${fault}`);
      const slot = serialText(certificate.serialNumber);
      const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
      return done({ slot, secret: await sealer.seal(slot, Buffer.from(`${key}${certificate.toString()}${authority.chain}`)) });
    },
    retire: (_account, slot) => retire(authority, slot),
  };
}

const slotOf = ({
  serial,
  label,
  createdAt,
  expiresAt,
}: {
  serial: string;
  label: string | undefined;
  createdAt: Date | undefined;
  expiresAt: Date | undefined;
}): Slot => ({
  slot: serial,
  ...(label === undefined ? {} : { label }),
  ...(createdAt === undefined ? {} : { createdAt }),
  ...(expiresAt === undefined ? {} : { expiresAt }),
});

function altNameOf(written: string, name: string): AltName {
  const [, kind = 'dns', value = ''] = /^(dns|email|uri):(.+)$/.exec(written) ?? [];
  return { kind: kind as AltName['kind'], value: value.replaceAll('{name}', name) }; // the expression has no others
}

function certificateIn(text: string): X509Certificate | undefined {
  try {
    // `openssl ca` prints the certificate in words before its PEM.
    const [pem] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text) ?? [];
    return pem === undefined ? undefined : new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** The CA's answer is not taken on trust: a certificate for another key or another name would lock the account out. */
function wrongWith(certificate: X509Certificate, pair: KeyPair, name: string, authority: Authority): string | undefined {
  if (!certificate.checkPrivateKey(pair.privateKey)) return 'the certificate is for another key';
  if (!authority.made(certificate)) return 'the certificate is not signed by config.ca';
  if (!certificate.subject.split('\n').includes(`CN=${name}`)) return 'the certificate is for another name';
  if (new Date(certificate.validTo) <= authority.io.now()) return 'the certificate has already ended';
  return undefined;
}

/** As OpenSSL and its files write serial numbers: whole bytes. */
const wholeBytes = (serial: string): string => (serial.length % 2 === 0 ? serial : `0${serial}`);

/** Revoked in the CA's books, then in the list everybody reads: only that is the end of a certificate. */
async function retire(authority: Authority, slot: string): Promise<Outcome<void>> {
  const { settings, io } = authority;
  const issued = await authority.issued();
  if (issued.kind !== 'done') return issued;
  const mine = issued.value.find(({ serial }) => serial === serialText(slot));
  if (mine === undefined) return done(undefined);
  if (!mine.revoked) {
    const ended = await runCommand(filled(settings.revoke.command, { serial: wholeBytes(mine.serial) }), '', io);
    if (ended.kind !== 'exit' || ended.code !== 0) return failed(ended, 'the command that revokes');
    const after = await authority.issued();
    if (after.kind !== 'done' || after.value.find(({ serial }) => serial === mine.serial)?.revoked !== true)
      return indeterminate('protocol', "the command that revokes ended well, but the CA's list does not show it");
  }
  return publish(authority, mine.serial);
}

async function publish({ settings, certificate, io }: Authority, serial: string): Promise<Outcome<void>> {
  const listed = async (): Promise<boolean | undefined> => {
    if (settings.crl === undefined) return undefined;
    const crl = await fetchCrl(settings.crl, certificate, io);
    return crl.kind === 'done' && crl.value.revoked.has(serial);
  };
  if ((await listed()) === true) return done(undefined);
  if (settings.publish !== undefined) {
    const ended = await runCommand(settings.publish.command, '', io);
    if (ended.kind !== 'exit' || ended.code !== 0) return failed(ended, 'the command that publishes');
  }
  if ((await listed()) === false)
    return indeterminate('conflict', 'revoked, but the published list does not show it yet', {
      target: 'not-published',
      retryAfterMs: waitMs,
    });
  return done(undefined);
}

function failed(ended: Ended, what: string): Outcome<never> {
  if (ended.kind === 'not-started') return refused('unreachable', `${what} could not be started: ${ended.why}`, { target: ended.why });
  if (ended.kind === 'cut-off') return indeterminate('unreachable', `${what}: ${ended.why}`);
  const target = String(ended.code);
  const word = nothingDone[ended.code];
  if (word === undefined) return indeterminate('protocol', `${what} ended with ${target}`, { target });
  return refused(word, `${what} says that nothing was done (${target})`, {
    target,
    ...(word === 'throttled' ? { retryAfterMs: waitMs } : {}),
  });
}

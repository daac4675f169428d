// A reset: the entry in the file, a moment in which Dovecot reads it, and then one login with the new secret.
import { setTimeout as sleep } from 'node:timers/promises';
import { type AccountRef, type Capabilities, done, type Io, indeterminate, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import { userOf } from '../../kit/settings.ts';
import { hashOf, isHashOf, mostBytes } from '../../protocols/crypt/sha512-crypt.ts';
import { login } from '../../protocols/imap/login.ts';
import type { ImapServer } from '../../protocols/imap/settings.ts';
import { bounded } from '../../protocols/password-file/bounded.ts';
import { asWritten, withHash } from '../../protocols/password-file/lines.ts';
import { type Edit, replaceText } from '../../protocols/password-file/replace-file.ts';
import { linesOfUser } from '../../protocols/password-file/users.ts';
import { dial, type Limits, limitsOf } from '../../protocols/tcp/dial.ts';
import type { Config } from './config.ts';
import { bareHash } from './entry.ts';

export type Target = { readonly settings: Config; readonly file: string; readonly server: ImapServer; readonly io: Io };

export function setSecret(target: Target): Capabilities['setSecret'] {
  return {
    async set(account, secret) {
      const bytes = secret.use(({ length }) => length);
      if (bytes === 0 || bytes > mostBytes || secret.text((text) => /\p{Cc}/u.test(text)))
        return refused('policy', `a password is one line of 1 to ${mostBytes} bytes without control characters`);
      return bounded(target.io, () => change(target, account, secret));
    },
  };
}

async function change(target: Target, account: AccountRef, secret: Secret): Promise<Outcome<void>> {
  const limits = limitsOf(target.io);
  const reached = await reachable(target, limits);
  if (reached.kind !== 'done') return reached;
  const written = await writeHash(target, account, secret, limits);
  return written.kind === 'done' ? taken(target, account, secret, limits) : written;
}

/** A server that is down would read the file at its next start, unseen by us: then nothing is written. */
async function reachable({ server }: Target, limits: Limits): Promise<Outcome<void>> {
  const socket = await dial({ ...server.at, tls: undefined }, limits);
  if ('failed' in socket)
    return refused('unreachable', `${server.at.replica}: no connection (${socket.failed})`, { target: socket.failed });
  socket.destroy();
  return done(undefined);
}

async function writeHash(target: Target, account: AccountRef, secret: Secret, limits: Limits): Promise<Outcome<void>> {
  const lines = await linesOfUser(target.file, account.id);
  if (lines.kind !== 'done') return lines;
  if (lines.value.some(({ hash }) => hash === ''))
    return refused('unsupported', 'the entry has no password, and a reset would give it one: the account logs in by another passdb');
  // The same secret again: its entry stays, so that a repeated call moves nothing.
  const same = await Promise.all(lines.value.map(({ hash }) => isHashOf(bareHash(hash), secret)));
  if (same.every(Boolean)) return done(undefined);
  const hash = `{SHA512-CRYPT}${await hashOf(secret, target.settings.rounds)}`;
  return replace(target, limits, (text) => {
    const edited = withHash(text, asWritten(account.id), hash);
    return edited === undefined ? refused('not-found', 'the user has no line in the password file') : done(edited);
  });
}

/** Dovecot tells a new file by its time in whole seconds and its size, and ours has the size of the one before. */
export const replace = ({ file }: Target, limits: Limits, edit: Edit): Promise<Outcome<void>> =>
  replaceText(file, limits, edit, { freshSecond: true });

/** Dovecot looks at the file once in a second of the clock: within the same second a login would still be answered from the old one. */
const marginMs = 30;

export async function nextLook(limits: Limits, file: string): Promise<Outcome<void>> {
  const ms = 1000 - (Date.now() % 1000) + marginMs;
  const inTime = performance.now() + ms < limits.until;
  const slept = inTime && (await sleep(ms, true, { signal: limits.signal }).catch(() => false));
  if (slept) return done(undefined);
  const target = limits.signal.aborted ? 'ABORTED' : 'ETIMEDOUT';
  return indeterminate('unreachable', `${file} is written, but Dovecot may not have read it yet`, { target });
}

async function taken({ server, settings, file }: Target, account: AccountRef, secret: Secret, limits: Limits): Promise<Outcome<void>> {
  const waited = await nextLook(limits, file);
  if (waited.kind !== 'done') return waited;
  const { verdict, code } = await login(server, userOf(settings.user, account), secret, settings.imap, limits);
  // Blocked: the right secret of an account that is switched off.
  if (verdict === 'accepted' || verdict === 'blocked') return done(undefined);
  return verdict === 'rejected'
    ? indeterminate('conflict', `${file} holds the new secret, but Dovecot refuses it: it reads another file, or another name`, {
        target: code,
      })
    : indeterminate('unreachable', `${file} holds the new secret, but Dovecot did not say that it takes it (${code})`, { target: code });
}

// A reset: the line in the file, the signal, and then a login with the new secret. Until the broker has read the file the old one is what it takes.
import { setTimeout as sleep } from 'node:timers/promises';
import { type AccountRef, type Capabilities, done, type Io, indeterminate, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import { login } from '../../protocols/mqtt/login.ts';
import { readText, replaceText } from '../../protocols/password-file/replace-file.ts';
import { dial, type Endpoint, type Limits, limitsOf } from '../../protocols/tcp/dial.ts';
import type { Config } from './config.ts';
import { hashOf, isHashOf, linesOf, withHash } from './password-file.ts';
import { probedOf } from './probe.ts';
import { ready, tell } from './reload.ts';

type Broker = { readonly settings: Config; readonly file: string; readonly listener: Endpoint; readonly io: Io };

/** The broker's own names in the file are bytes; ours are text. */
export const asWritten = (name: string): string => Buffer.from(name, 'utf8').toString('latin1');

export function setSecret(broker: Broker): Capabilities['setSecret'] {
  return {
    async set(account, secret) {
      const { settings, file, io } = broker;
      // mosquitto_passwd takes no longer one, and the wire counts with two bytes.
      if (secret.use((bytes) => bytes.length === 0 || bytes.length > 65_535))
        return refused('policy', 'a secret must have 1 to 65535 bytes');
      const limits = limitsOf(io);
      const told = await ready(settings.reload, io);
      if (told.kind !== 'done') return told;
      const reached = await reachable(broker, limits);
      if (reached.kind !== 'done') return reached;
      const written = await writeLine(broker, account, secret, limits);
      if (written.kind !== 'done') return written;
      const reload = await tell(settings.reload, io, limits);
      if (reload.kind !== 'done') return reload;
      return taken(broker, account, secret, limits, file);
    },
  };
}

/** A broker that is down would read the file at its next start, unseen by us: then nothing is written. */
async function reachable({ listener }: Broker, limits: Limits): Promise<Outcome<void>> {
  const socket = await dial(listener, limits);
  if ('failed' in socket) return refused('unreachable', `${listener.replica}: no connection (${socket.failed})`, { target: socket.failed });
  socket.destroy();
  return done(undefined);
}

async function writeLine({ file }: Broker, account: AccountRef, secret: Secret, limits: Limits): Promise<Outcome<void>> {
  const user = asWritten(account.id);
  const read = await readText(file);
  if (read.kind !== 'done') return read;
  const lines = linesOf(read.value).filter((line) => line.user === user);
  const [only] = lines;
  // The same secret again: its line stays, so that a repeated call moves nothing.
  if (lines.length === 1 && only !== undefined && (await isHashOf(only.hash, secret))) return done(undefined);
  const hash = await hashOf(secret);
  return replaceText(file, limits, (text) => {
    const edited = withHash(text, user, hash);
    return edited === undefined ? refused('not-found', 'the user has no line in the password file') : done(edited);
  });
}

/** The broker reads its files between two rounds of its loop, so that a login begun after the signal sees the new ones after a moment. */
const pauseMs = 25;

async function taken(broker: Broker, account: AccountRef, secret: Secret, limits: Limits, file: string): Promise<Outcome<void>> {
  const { listener, settings } = broker;
  for (;;) {
    const { verdict, code } = probedOf(await login(listener, account.id, secret, settings.clientPrefix, limits));
    if (verdict === 'accepted') return done(undefined);
    const late = performance.now() + pauseMs >= limits.until || limits.signal.aborted;
    if (verdict === 'rejected' && !late) {
      await sleep(pauseMs);
      continue;
    }
    const why =
      verdict === 'rejected'
        ? 'the broker still refuses it: it has not read the file again, or reads another one'
        : 'the broker did not say that it takes it';
    return indeterminate(verdict === 'rejected' ? 'conflict' : 'unreachable', `${file} holds the new secret, but ${why} (${code})`, {
      target: code,
    });
  }
}

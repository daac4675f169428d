// What doctor shows of one Mosquitto: the file, whether the broker can be told, each listener, and whether passwords are asked for at all.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Capabilities, Check, Io, Secret } from '../../kit/kit.ts';
import { login } from '../../protocols/mqtt/login.ts';
import { readText } from '../../protocols/password-file/replace-file.ts';
import { dial, type Endpoint, isTlsCode, limitsOf } from '../../protocols/tcp/dial.ts';
import type { Config } from './config.ts';
import { kindOfHash, linesOf } from './password-file.ts';
import { probedOf } from './probe.ts';
import { ready } from './reload.ts';

export function check(settings: Config, file: string, listeners: readonly Endpoint[], io: Io): Capabilities['check'] {
  return {
    async *run() {
      for (const listener of listeners) yield* listenerChecks(listener, settings, io);
      const text = await readText(file);
      if (text.kind !== 'done') {
        yield {
          id: 'rights',
          verdict: 'fail',
          message: text.fault.message,
          next: 'Name the password_file of the broker as config.file, and let the user Rekey runs as read it.',
        };
        return;
      }
      const lines = linesOf(text.value);
      yield { id: 'auth', verdict: 'ok', message: `${file}: ${new Set(lines.map(({ user }) => user)).size} users` };
      yield await writable(file);
      const told = await ready(settings.reload, io);
      yield told.kind === 'done'
        ? { id: 'rights', verdict: 'ok', message: 'the broker can be told to read the file again' }
        : {
            id: 'rights',
            verdict: 'fail',
            message: told.fault.message,
            next: 'Name the pid file of the running broker, or a reload command, under config.reload.',
          };
      const odd = lines.filter(({ hash }) => kindOfHash(hash) === 'unreadable').map(({ user }) => user);
      if (odd.length > 0)
        yield {
          id: 'policy',
          verdict: 'warn',
          message: `the broker cannot read the entries of ${odd.slice(0, 5).join(', ')} and leaves them out`,
          next: 'A plain text file is made readable by mosquitto_passwd -U; a reset writes a readable line.',
        };
      const twice = lines.filter(({ user }, n) => lines.findIndex((line) => line.user === user) < n).map(({ user }) => user);
      if (twice.length > 0)
        yield {
          id: 'policy',
          verdict: 'warn',
          message: `several lines for ${twice.slice(0, 5).join(', ')}: the last one counts`,
          next: 'A reset leaves one line.',
        };
    },
  };
}

async function* listenerChecks(listener: Endpoint, settings: Config, io: Io): AsyncGenerator<Check> {
  const { replica } = listener;
  const socket = await dial(listener, limitsOf(io));
  if ('failed' in socket) {
    const tls = isTlsCode(socket.failed);
    yield {
      id: tls ? 'tls' : 'reach',
      verdict: 'fail',
      message: `${replica}: ${tls ? 'no verified TLS connection' : 'does not answer'} (${socket.failed})`,
      next: tls ? "Give the server's CA as tls.ca, and its TLS port." : 'Check host, port and firewall, and that the broker runs.',
    };
    return;
  }
  socket.destroy();
  yield { id: 'reach', verdict: 'ok', message: `${replica} answers` };
  yield {
    id: 'tls',
    verdict: 'ok',
    message:
      listener.tls === undefined
        ? `${replica}: no TLS: this machine only, or allowed by the estate file`
        : `${replica}: certificate verified`,
  };
  const { verdict, code } = probedOf(
    await login(listener, `rekey-nobody-${randomBytes(6).toString('hex')}`, nobody(), settings.clientPrefix, limitsOf(io)),
  );
  if (verdict === 'accepted')
    yield {
      id: 'policy',
      verdict: 'fail',
      message: `${replica} takes any user with any password`,
      next: 'Set password_file for this listener in the configuration of the broker, and allow_anonymous false.',
    };
  else if (verdict === 'rejected') yield { id: 'policy', verdict: 'ok', message: `${replica} refuses an unknown user` };
  else
    yield {
      id: 'policy',
      verdict: 'warn',
      message: `${replica} did not say whether it refuses an unknown user (${code})`,
      next: code === '2' ? 'Set clientPrefix to one of clientid_prefixes.' : 'Check that this listener speaks MQTT 3.1.1.',
    };
}

/** A random value for a random user: nothing that could be anybody's. */
function nobody(): Secret {
  const bytes = randomBytes(18);
  return { label: 'nobody', use: (f) => f(bytes), text: (f) => f(bytes.toString('base64url')) };
}

async function writable(file: string): Promise<Check> {
  try {
    await access(dirname(file), constants.W_OK);
    return { id: 'rights', verdict: 'ok', message: 'the password file can be replaced' };
  } catch {
    return {
      id: 'rights',
      verdict: 'fail',
      message: `nothing can be written in ${dirname(file)}`,
      next: 'Let the user Rekey runs as write there: the file is replaced as a whole.',
    };
  }
}

// What the suites on Dovecot share: a server that does not slow us down, a mail client in a few lines, and an open connector.
import { utimesSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { LabDovecot } from '../../lab/dovecot.ts';
import { dovecotPasswd } from '../../src/connectors/dovecot-passwd/dovecot-passwd.ts';
import type { Io } from '../../src/kit/connector.ts';
import type { Outcome } from '../../src/kit/kit.ts';
import { pathIo } from './path-ground.ts';

/** No waiting after a wrong password: what that costs has a test of its own. */
export const unhurt = ['auth_failure_delay = 0', 'service anvil {', '  unix_listener anvil-auth-penalty {', '    mode = 0', '  }', '}'];

export type Settings = Partial<Record<'file' | 'imap' | 'doveadm' | 'rounds' | 'user', unknown>>;
export const openOn = (lab: LabDovecot, more: Settings = {}, io: Partial<Io> = {}) =>
  dovecotPasswd.open(
    dovecotPasswd.config.parse({ file: lab.passwordFile, imap: imapOf(lab), doveadm: lab.doveadm, ...more }),
    pathIo({}, { timeoutMs: 8_000, ...io }),
  );
export const imapOf = (lab: LabDovecot, port = lab.port) => ({ hosts: [{ host: lab.host, port }] });

/** A mail client of a few lines, which is not ours. */
export type MailClient = {
  readonly socket: Socket;
  readonly greeting: string;
  say(line: string): Promise<string>;
  readonly closed: Promise<void>;
};

export async function mailClient(port: number): Promise<MailClient> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let wake = (): void => {};
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    wake();
  });
  const closed = new Promise<void>((done) => socket.once('close', () => done()));
  void closed.then(() => wake());
  const until = async (found: RegExp): Promise<string> => {
    for (;;) {
      const match = found.exec(text);
      if (match !== null) return match[0];
      if (socket.destroyed) throw new Error(`imap: closed after ${text.slice(-200)}`);
      await new Promise<void>((done) => (wake = done));
    }
  };
  const greeting = await until(/^\* .*\r\n/);
  let n = 0;
  const say = (line: string): Promise<string> => {
    socket.write(`t${++n} ${line}\r\n`);
    return until(new RegExp(`^t${n} .*`, 'm'));
  };
  return { socket, greeting, closed, say };
}

export async function takes(port: number, user: string, password: string): Promise<boolean> {
  const client = await mailClient(port);
  try {
    return / OK /.test(`${await client.say(`LOGIN "${user}" "${password}"`)} `);
  } finally {
    client.socket.destroy();
  }
}

/** Writes as another program would, with a time that Dovecot cannot overlook, and waits until it looks. */
export async function foreignWrite(lab: LabDovecot, text: string): Promise<void> {
  writeFileSync(lab.passwordFile, text);
  const at = Math.floor(Date.now() / 1000) - 100 - (foreign++ % 1000);
  utimesSync(lab.passwordFile, at, at);
  await secondsTurn();
}
let foreign = 0;

export const secondsTurn = (): Promise<void> => new Promise((done) => setTimeout(done, 1050 - (Date.now() % 1000)));

export function value<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'done') throw new Error(`${outcome.kind}: ${outcome.fault.code} ${outcome.fault.message}`);
  return outcome.value;
}

// What the SSH suites stand on: a private account world, sudo rules out of the READMEs, connectors opened on it, and every secret made.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { type LabAccount, type LabDaemon, type LabSshd, startSshd } from '../../lab/sshd.ts';
import { linuxSsh } from '../../src/connectors/linux-ssh/linux-ssh.ts';
import { sshKeys } from '../../src/connectors/ssh-keys/ssh-keys.ts';
import type { Capabilities, Found, Io, Outcome, Probed, Secret } from '../../src/kit/kit.ts';
import { freshEd25519 } from '../../src/protocols/ssh/key.ts';
import { secretOf } from '../../src/seal/secret.ts';

export const faillock = [
  'auth required pam_faillock.so preauth silent deny=3 unlock_time=600',
  'auth sufficient pam_unix.so nodelay',
  'auth [default=die] pam_faillock.so authfail deny=3 unlock_time=600',
  'account required pam_faillock.so',
  'account required pam_unix.so',
];
/** One daemon for each way a host may be set up. */
export const daemons: readonly LabDaemon[] = [
  { name: 'sshd-lock', pam: faillock },
  { name: 'sshd-open', pam: ['auth required pam_permit.so', 'account required pam_permit.so'] },
  { name: 'sshd-prompt', config: ['PasswordAuthentication no', 'KbdInteractiveAuthentication yes'] },
  { name: 'sshd-slow', pam: ['auth required pam_unix.so', 'account required pam_unix.so'] },
  { name: 'sshd-once', config: ['MaxAuthTries 1'] },
  { name: 'sshd-both', config: ['AuthenticationMethods password,publickey'] },
  { name: 'sshd-nokeys', config: ['PubkeyAuthentication no'] },
  { name: 'sshd-nopass', config: ['PasswordAuthentication no'] },
  { name: 'sshd-busy', config: ['PerSourceMaxStartups 0'] },
  // A backdoor: the command answers with the key that was offered.
  { name: 'sshd-anykey', config: ['AuthorizedKeysCommand /usr/bin/echo %t %k', 'AuthorizedKeysCommandUser nobody'] },
  { name: 'sshd-newkey', hostKey: true },
];

export function readmeRules(id: string): string {
  const readme = readFileSync(new URL(`../../src/connectors/${id}/README.md`, import.meta.url), 'utf8');
  const block = /```sudoers\n([\s\S]*?)```/.exec(readme)?.[1];
  if (block === undefined) throw new Error(`the README of ${id} has no sudo rules`);
  return block;
}

export type Ground = {
  readonly dir: string;
  readonly lab: LabSshd;
  readonly made: readonly string[];
  io(more?: Partial<Io>): Io;
  block(more?: object): object;
  passwords(more?: object, io?: Partial<Io>): ReturnType<typeof linuxSsh.open>;
  keys(more?: object, io?: Partial<Io>): ReturnType<typeof sshKeys.open>;
  secret(label?: string): Secret;
  first(name: string): Secret;
  stop(): Promise<void>;
};

export async function ground(
  accounts: readonly (string | LabAccount)[],
  some: readonly string[] = [],
  rules = ['linux-ssh', 'ssh-keys'],
): Promise<Ground> {
  const dir = mkdtempSync(join(tmpdir(), 'rekey-lab-ssh-'));
  const wanted = daemons.filter(({ name }) => some.includes(name));
  const lab = await startSshd({ dir, accounts, daemons: wanted, sudoers: rules.map(readmeRules).join('\n') });
  const made: string[] = [];
  const io = (more: Partial<Io> = {}): Io => ({
    system: 'lab-ssh',
    timeoutMs: 8_000,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: async () => secretOf('own', lab.rekey.privateKey),
    path: (relative) => join(dir, relative),
    ...more,
  });
  const block = (more: object = {}): object => ({
    host: lab.host,
    port: lab.port,
    hostKey: lab.fingerprint,
    user: 'rekey',
    privateKey: { env: 'UNUSED' },
    ...more,
  });
  return {
    dir,
    lab,
    made,
    io,
    block,
    passwords: (more = {}, ioMore = {}) => linuxSsh.open(linuxSsh.config.parse(block(more)), io(ioMore)),
    keys: (more = {}, ioMore = {}) =>
      sshKeys.open(sshKeys.config.parse(block({ sshdConfig: join(dir, 'daemons', 'sshd.conf'), ...more })), io(ioMore)),
    secret: (label = 'v1') => {
      const text = `cnry${randomBytes(15).toString('base64url')}!x`;
      made.push(text);
      return secretOf(label, text);
    },
    first: (name) => secretOf('v0', lab.secrets[name] ?? ''),
    stop: async () => {
      await lab.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export async function readAll(on: { readonly inventory: Capabilities['inventory'] }, limit = 7): Promise<Found[]> {
  const all: Found[] = [];
  let cursor: string | undefined;
  do {
    const page = value(await on.inventory.page(cursor === undefined ? { limit } : { cursor, limit }));
    all.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return all;
}

export function value<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'done') throw new Error(`${outcome.kind}: ${outcome.fault.code} ${outcome.fault.message}`);
  return outcome.value;
}

export const told = ({ verdict, code }: Probed): string => `${verdict} ${code}`;

export type Pair = { readonly secret: Secret; readonly text: string; readonly line: string };
export async function keyPair(label = 'v1', comment = label): Promise<Pair> {
  const text = freshEd25519(comment).toString();
  const parsed = ssh2.utils.parseKey(text);
  if (parsed instanceof Error) throw parsed;
  return { secret: secretOf(label, text), text, line: `ssh-ed25519 ${parsed.getPublicSSH().toString('base64')} ${comment}` };
}

/** A login past the connector, with a command that stays; `gone` resolves when the host ends it. */
export type Session = { readonly client: ssh2.Client; readonly gone: Promise<void>; run(command: string): Promise<string>; end(): void };
export function session(port: number, username: string, how: { password: string } | { privateKey: string }): Promise<Session> {
  const client = new ssh2.Client();
  const gone = new Promise<void>((resolve) => client.on('close', () => resolve()));
  return new Promise((resolve, reject) => {
    client.on('error', reject);
    client.on('close', () => reject(new Error('closed')));
    client.on('ready', () =>
      resolve({
        client,
        gone,
        end: () => client.end(),
        run: (command) =>
          new Promise((done, failed) =>
            client.exec(command, (error, stream) => {
              if (error !== undefined) return failed(error);
              let out = '';
              stream.on('data', (chunk: Buffer) => {
                out += chunk.toString();
              });
              stream.on('close', () => done(out));
            }),
          ),
      }),
    );
    client.connect({ host: '127.0.0.1', port, username, ...how });
  });
}

export async function logsIn(port: number, username: string, how: { password: string } | { privateKey: string }): Promise<boolean> {
  try {
    (await session(port, username, how)).end();
    return true;
  } catch {
    return false;
  }
}

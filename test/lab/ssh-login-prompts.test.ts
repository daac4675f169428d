// Servers that ask for more than a password, or end in the middle: the driver's own server, told what to answer.
import { createServer, type Socket } from 'node:net';
import ssh2, { type AuthContext } from 'ssh2';
import { describe, expect, test } from 'vitest';
import { sshLogin } from '../../src/connectors/ssh-login/ssh-login.ts';
import { freshEd25519, parsePrivateKey } from '../../src/protocols/ssh/key.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { told } from './ssh-ground.ts';

const hostKey = freshEd25519('host').toString();
const parsed = await parsePrivateKey(hostKey);
const pin = 'bad' in parsed ? '' : parsed.public.fingerprint;

/** What a login with a password says of the server on this port. */
async function say(port: number): Promise<string> {
  const io = {
    system: 'directory',
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: () => Promise.reject(new Error('a path has no secret of its own')),
    path: (relative: string) => relative,
  };
  const connection = await sshLogin.open(sshLogin.config.parse({ hosts: [{ host: '127.0.0.1', port, hostKey: pin }] }), io);
  const account = { system: 'directory', id: '1', name: 'alice' };
  return told(await connection.probe.attempt(account, secretOf('v1', 'the-password'), { path: 'ssh', replica: `127.0.0.1:${port}` }));
}

describe('a server that asks for more than a password', () => {
  /** Answers each method as told; everything else about it is the driver's own server. */
  async function asking(onAuth: (auth: AuthContext) => void, work: (port: number) => Promise<void>): Promise<void> {
    const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
      client.on('error', () => {});
      client.on('authentication', onAuth);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await work((server.address() as { port: number }).port);
    } finally {
      server.close();
    }
  }

  test('gets none for a code, for two things at once, or where the answer would be shown', async () => {
    for (const prompts of [
      [{ prompt: 'Verification code:', echo: false }],
      [{ prompt: 'Password:', echo: true }],
      [
        { prompt: 'Password:', echo: false },
        { prompt: 'Code:', echo: false },
      ],
    ]) {
      const answers: unknown[] = [];
      const onAuth = (auth: AuthContext): void => {
        if (auth.method === 'keyboard-interactive') auth.prompt(prompts, (given) => answers.push(given));
        else auth.reject(['keyboard-interactive']);
      };
      await asking(onAuth, async (port) => expect(await say(port)).toBe('indeterminate asks-more'));
      expect(answers).toEqual([]);
    }
  });

  test('is blocked where the right password must be changed, and undecided where a second question follows', async () => {
    const change = (auth: AuthContext): void => {
      if (auth.method === 'password') auth.requestChange('too old', () => auth.reject());
      else auth.reject(['password']);
    };
    await asking(change, async (port) => expect(await say(port)).toBe('blocked change-required'));
    const twice = (auth: AuthContext): void => {
      if (auth.method === 'keyboard-interactive')
        auth.prompt([{ prompt: 'Password: ', echo: false }], () =>
          auth.prompt([{ prompt: 'Passcode: ', echo: false }], () => auth.accept()),
        );
      else auth.reject(['keyboard-interactive']);
    };
    await asking(twice, async (port) => expect(await say(port)).toBe('indeterminate asks-more'));
  });

  test('that ends the connection after the password, without a word, has said nothing', async () => {
    for (const how of ['end', 'reset'] as const) {
      const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
        client.on('error', () => {});
        client.on('authentication', (auth) => {
          if (auth.method !== 'password') auth.reject(['password']);
          else for (const socket of sockets) how === 'end' ? socket.end() : socket.resetAndDestroy();
        });
      });
      const sockets = new Set<Socket>();
      const front = createServer((socket) => {
        sockets.add(socket);
        server.injectSocket(socket);
      });
      await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
      expect(await say((front.address() as { port: number }).port)).toMatch(/^indeterminate (dropped|ECONNRESET)$/);
      front.close();
    }
  });
});

// A private Mosquitto with a password file made by its own tool, and users with known first secrets.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, portOpen, sleep, startServer } from './process.ts';

const exec = promisify(execFile);

export type MosquittoOptions = {
  readonly dir: string;
  readonly users: readonly string[];
  /** The trap: no password file in the configuration, so that whatever is typed opens it. */
  readonly anyone?: boolean;
};

export type LabMosquitto = {
  readonly host: string;
  readonly port: number;
  readonly passwordFile: string;
  readonly pidFile: string;
  readonly logFile: string;
  readonly secrets: Readonly<Record<string, string>>;
  /** Makes the broker read its files again, and returns when its log says so. */
  reload(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
};

const host = '127.0.0.1';

export async function startMosquitto(options: MosquittoOptions): Promise<LabMosquitto> {
  const { dir } = options;
  mkdirSync(dir, { recursive: true });
  const port = await freePort();
  const at = (name: string): string => join(dir, name);
  const [passwordFile, pidFile, logFile] = [at('passwords'), at('mosquitto.pid'), at('mosquitto.log')];
  const secrets = Object.fromEntries(options.users.map((user) => [user, `lab-${randomBytes(16).toString('hex')}`]));
  writeFileSync(passwordFile, `${options.users.map((user) => `${user}:${secrets[user]}`).join('\n')}\n`, { mode: 0o600 });
  // Hashes the whole file in place: the broker's own tool decides what a line looks like.
  await exec('mosquitto_passwd', ['-U', passwordFile]);
  const config = [
    // Started by root it would change to a user that may not read our folder.
    `user ${userInfo().username}`,
    `listener ${port} ${host}`,
    ...(options.anyone === true ? ['allow_anonymous true'] : ['allow_anonymous false', `password_file ${passwordFile}`]),
    `log_dest file ${logFile}`,
    'log_type all',
  ];
  writeFileSync(at('mosquitto.conf'), `${config.join('\n')}\n`, { mode: 0o600 });
  const start = async () => {
    const server = await startServer({
      command: 'mosquitto',
      args: ['-c', at('mosquitto.conf')],
      log: at('stdout.log'),
      pidFile,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    });
    await portOpen(port, 'mosquitto', 10_000, host);
    return server;
  };
  let running = await start();
  const reloads = (): number => readFileSync(logFile, 'utf8').split('Reloading config').length - 1;
  return {
    host,
    port,
    passwordFile,
    pidFile,
    logFile,
    secrets,
    reload: async () => {
      const before = reloads();
      process.kill(running.pid, 'SIGHUP');
      for (let waited = 0; reloads() === before; waited += 20) {
        if (waited > 5_000) throw new Error('mosquitto did not reload within 5 s');
        await sleep(20);
      }
    },
    restart: async () => {
      await running.stop();
      running = await start();
    },
    stop: () => running.stop(),
  };
}

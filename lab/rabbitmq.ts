// A private RabbitMQ with its management API, AMQP, an administrator for Rekey and seeded users with tags and permissions. Ready after about 8 s.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, sleep, startServer, stopServer } from './process.ts';
import { belongs } from './recorded.ts';

export type LabUser = { readonly name: string; readonly tags?: string; readonly permissions?: boolean };

export type RabbitOptions = { readonly dir: string; readonly users: readonly (string | LabUser)[]; readonly plugins?: readonly string[] };

export type LabRabbit = {
  readonly host: string;
  readonly port: number;
  readonly amqpPort: number;
  readonly logFile: string;
  readonly rekey: { readonly user: string; readonly password: string };
  readonly secrets: Readonly<Record<string, string>>;
  /** One call of the management API as the lab's own administrator; an answer that is no success is thrown. */
  api(method: string, path: string, body?: unknown): Promise<unknown>;
  stop(): Promise<void>;
};

const host = '127.0.0.1';
const program = '/usr/lib/rabbitmq/bin/rabbitmq-server';

export async function startRabbit(options: RabbitOptions): Promise<LabRabbit> {
  if (!existsSync(program)) throw new Error('RabbitMQ is not installed: run npm run lab:install');
  const { dir } = options;
  mkdirSync(join(dir, 'home'), { recursive: true });
  const [port, amqpPort, distPort, epmdPort] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const admin = randomSecret();
  const at = (name: string): string => join(dir, name);
  writeFileSync(at('enabled_plugins'), `[${['rabbitmq_management', ...(options.plugins ?? [])].join(',')}].\n`);
  writeFileSync(
    at('rabbitmq.conf'),
    [
      `management.tcp.port = ${port}`,
      `management.tcp.ip = ${host}`,
      'default_user = lab-admin',
      `default_pass = ${admin}`,
      'default_user_tags.administrator = true',
      'loopback_users = none',
      'log.file.level = debug',
      '',
    ].join('\n'),
    { mode: 0o600 },
  );
  const env: NodeJS.ProcessEnv = {
    PATH: '/usr/lib/rabbitmq/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: at('home'),
    LC_ALL: 'C.UTF-8',
    RABBITMQ_NODENAME: `lab${amqpPort}@localhost`,
    RABBITMQ_NODE_PORT: String(amqpPort),
    RABBITMQ_NODE_IP_ADDRESS: host,
    RABBITMQ_DIST_PORT: String(distPort),
    RABBITMQ_MNESIA_BASE: at('mnesia'),
    RABBITMQ_LOG_BASE: at('log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: at('enabled_plugins'),
    RABBITMQ_CONFIG_FILE: at('rabbitmq'),
    RABBITMQ_PID_FILE: at('erlang.pid'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: host,
    // Its cookie is never shown to anybody: this node talks to no other.
    RABBITMQ_ERLANG_COOKIE: randomSecret(),
  };
  // The port mapper would stay behind the node that started it: it is ours from the start.
  const epmd = await startServer({ command: 'epmd', args: [], log: at('epmd.log'), pidFile: at('epmd.pid'), env });
  const server = await startServer({ command: program, args: [], log: at('stdout.log'), pidFile: at('start.pid'), env });

  const api = (method: string, path: string, body?: unknown) => call(port, admin, method, path, body);
  for (let waited = 0; ; waited += 100) {
    try {
      await api('GET', 'overview');
      break;
    } catch (error) {
      if (waited > 60_000) throw error;
      await sleep(100);
    }
  }
  const rekey = { user: 'rekey', password: randomSecret() };
  await api('PUT', 'users/rekey', { password: rekey.password, tags: 'administrator' });
  const secrets: Record<string, string> = {};
  for (const each of options.users) {
    const { name, tags = '', permissions = true }: LabUser = typeof each === 'string' ? { name: each } : each;
    secrets[name] = randomSecret();
    await api('PUT', `users/${encodeURIComponent(name)}`, { password: secrets[name], tags });
    if (permissions) await api('PUT', `permissions/%2F/${encodeURIComponent(name)}`, { configure: `^${amqpPort}`, write: '.*', read: '' });
  }
  return {
    host,
    port,
    amqpPort,
    logFile: join(dir, 'log', `lab${amqpPort}@localhost.log`),
    rekey,
    secrets,
    api,
    stop: async () => {
      // A graceful stop takes seconds and keeps what nobody reads again.
      try {
        const erlang = Number(readFileSync(at('erlang.pid'), 'utf8').trim());
        if (belongs(erlang, dir)) process.kill(erlang, 'SIGKILL');
      } catch {} // It has gone already.
      await server.stop();
      await epmd.stop();
      await stopServer(at('epmd.pid'));
    },
  };
}

async function call(port: number, password: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`http://${host}:${port}/api/${path}`, {
    method,
    headers: { authorization: `Basic ${Buffer.from(`lab-admin:${password}`).toString('base64')}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`rabbitmq: ${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

const randomSecret = (): string => `lab-${randomBytes(16).toString('hex')}`;

// A private Redis (and, if asked, a replica) with users in an ACL file, in the config file, or in memory only, and a least-privilege Rekey user.
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Link } from '../src/protocols/redis/link.ts';
import { isError, type Reply } from '../src/protocols/redis/resp.ts';
import { freePort, portOpen, sleep, startServer } from './process.ts';

/** `rules` follow the name: `on ~* +@read`. Passwords are added to them as hashes. */
export type LabUser = { readonly name: string; readonly rules?: string; readonly secrets?: readonly string[] };

export type RedisOptions = {
  readonly dir: string;
  readonly port?: number;
  readonly users: readonly (string | LabUser)[];
  /** Where users live: `aclfile` (default), `config`: lines of redis.conf, `memory`: neither file. */
  readonly keep?: 'aclfile' | 'config' | 'memory';
  /** More lines of redis.conf (`requirepass …`). */
  readonly lines?: readonly string[];
  readonly replicaOf?: LabRedis;
};

export type LabRedis = {
  readonly host: string;
  readonly port: number;
  readonly replica: string;
  readonly dir: string;
  readonly logFile: string;
  readonly aclFile: string;
  readonly configFile: string;
  readonly rekey: { readonly user: string; readonly password: string };
  /** The first secret of each user by name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** As a user with every right. An error reply is thrown. */
  run(...command: readonly string[]): Promise<Reply>;
  /** A logged-in connection that stays open. */
  session(user: string, password: string): Promise<Link>;
  restart(): Promise<void>;
  stop(): Promise<void>;
};

const host = '127.0.0.1';
/** What the README tells people to grant. */
export const rekeyRules =
  'on resetchannels -@all +acl|setuser +acl|getuser +acl|users +acl|save +acl|log +client|list +client|kill +client|id +config|get +config|rewrite +info +time';

export async function startRedis(options: RedisOptions): Promise<LabRedis> {
  mkdirSync(options.dir, { recursive: true });
  const keep = options.keep ?? 'aclfile';
  const port = options.port ?? (await freePort());
  const rekey = options.replicaOf?.rekey ?? { user: 'rekey', password: randomSecret() };
  const admin = randomSecret();
  const secrets: Record<string, string> = {};
  const lines = options.users.map((each) => {
    const { name, rules = 'on ~app:* +@read +@write +ping', secrets: given }: LabUser = typeof each === 'string' ? { name: each } : each;
    const own = given ?? [options.replicaOf?.secrets[name] ?? randomSecret()];
    secrets[name] = own[0] ?? '';
    return userLine(name, rules, own);
  });
  lines.push(userLine(rekey.user, rekeyRules, [rekey.password]), userLine('lab-admin', 'on ~* &* +@all', [admin]));
  if (!lines.some((line) => line.startsWith('user default '))) lines.push(userLine('default', 'off ~* &* +@all', []));

  const aclFile = join(options.dir, 'users.acl');
  const configFile = join(options.dir, 'redis.conf');
  const logFile = join(options.dir, 'redis.log');
  // It copies data as the user `copier`; without one it only stands beside the other.
  const copier = options.replicaOf?.secrets.copier;
  const replication =
    options.replicaOf === undefined || copier === undefined
      ? []
      : [`replicaof ${host} ${options.replicaOf.port}`, 'masteruser copier', `masterauth ${copier}`];
  const config = [
    `port ${port}`,
    `bind ${host}`,
    `dir ${options.dir}`,
    'appendonly no',
    'save ""',
    ...replication,
    ...(options.lines ?? []),
    ...(keep === 'aclfile' ? [`aclfile ${aclFile}`] : keep === 'config' ? lines : []),
  ];
  if (keep === 'aclfile') writeFileSync(aclFile, `${lines.join('\n')}\n`, { mode: 0o600 });
  writeFileSync(configFile, `${config.join('\n')}\n`, { mode: 0o600 });

  const start = async () => {
    // Without any file the settings go on the command line, which then must hold no secret.
    const args = keep === 'memory' ? config.flatMap((line) => asArguments(line)) : [configFile];
    const server = await startServer({
      command: 'redis-server',
      args,
      log: logFile,
      pidFile: join(options.dir, 'redis.pid'),
      env: { PATH: '/usr/bin:/bin' },
    });
    await portOpen(port, 'redis', 10_000, host);
    if (keep !== 'memory') return server;
    const link = await dialled();
    await link.send(
      lines.map((line) => ['ACL', 'SETUSER', ...line.split(' ').slice(1)]),
      soon(),
    );
    link.end();
    return server;
  };

  async function dialled(): Promise<Link> {
    const link = await Link.dial({ host, port, replica: '', tls: undefined }, soon());
    if ('failed' in link) throw new Error(`redis: ${link.failed}`);
    return link;
  }
  async function session(user: string, password: string): Promise<Link> {
    const link = await dialled();
    const answer = await link.ask(['AUTH', user, password], soon());
    if (answer.kind === 'reply') return link;
    link.end();
    throw new Error(`redis: ${user}: ${answer.code}`);
  }

  let running = await start();
  return {
    host,
    port,
    replica: `${host}:${port}`,
    dir: options.dir,
    logFile,
    aclFile,
    configFile,
    rekey,
    secrets,
    session,
    run: async (...command) => {
      const link = await session('lab-admin', admin);
      const answer = await link.ask(command, soon());
      link.end();
      if (answer.kind === 'reply' && !isError(answer.value)) return answer.value;
      throw new Error(`redis: ${command[0]}: ${answer.kind === 'failed' ? `${answer.code} ${answer.text}` : answer.kind}`);
    },
    restart: async () => {
      await running.stop();
      await sleep(20);
      running = await start();
    },
    stop: () => running.stop(),
  };
}

const soon = () => ({ until: performance.now() + 5_000, signal: new AbortController().signal });
const randomSecret = (): string => `lab-${randomBytes(16).toString('hex')}`;
const userLine = (name: string, rules: string, secrets: readonly string[]): string =>
  `user ${name} ${rules}${secrets.map((secret) => ` #${createHash('sha256').update(secret).digest('hex')}`).join('')}`;
const asArguments = (line: string): string[] => {
  const space = line.indexOf(' ');
  const value = line.slice(space + 1);
  return [`--${line.slice(0, space)}`, ...(value === '""' ? [''] : value.split(' '))];
};

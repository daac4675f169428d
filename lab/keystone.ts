// A private Keystone (OpenStack Identity) under gunicorn on SQLite: an admin for Rekey, a project, users with known first passwords, a
// password rule, a lockout.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, sleep, startServer } from './process.ts';

const exec = promisify(execFile);

export type LabUser = { readonly id: string; readonly name: string; readonly password: string };
export type Answer = { readonly status: number; readonly body: Record<string, unknown>; readonly token: string | undefined };
export type LabKeystone = {
  readonly url: string;
  readonly port: number;
  readonly admin: { readonly user: string; readonly password: string; readonly project: string };
  /** The project every user is a member of. */
  readonly project: string;
  readonly users: ReadonlyMap<string, LabUser>;
  /** Everything the server wrote down. */
  logs(): string;
  /** One call; as the admin when no token is given. */
  ask(method: string, path: string, body?: unknown, token?: string): Promise<Answer>;
  /** A token in the project for a user's password; undefined when refused. */
  login(userId: string, password: string): Promise<string | undefined>;
  /** Is this token honoured? Asked as the admin. */
  alive(token: string): Promise<boolean>;
  restart(more?: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
};
/** `compliance`: options of [security_compliance] on top of ours. */
export type KeystoneOptions = {
  readonly dir: string;
  readonly users: readonly string[];
  readonly compliance?: Readonly<Record<string, string>>;
  readonly listLimit?: number;
  /**
   * 2 when left out. One alone keeps what it read in its memory, as a real Keystone does in memcached: a request costs 20 ms then, not 600. It forgets
   * what it changes itself, which two would not do for each other; pickled, so that nobody changes what is kept. SQLite never answers its logins with 500 because another request writes, either.
   */
  readonly workers?: 1 | 2;
  /** Writes down every request with its headers: for the search of secrets in it. Slow. */
  readonly debug?: boolean;
};

const host = '127.0.0.1';
const adminPassword = 'Lab-adminpw01';
export const labRegex = '^(?=.*\\d)(?=.*[a-zA-Z]).{12,}$';

export async function startKeystone(options: KeystoneOptions): Promise<LabKeystone> {
  const { dir } = options;
  await fromGolden(dir);
  const port = await freePort();
  const url = `http://${host}:${port}`;
  const log = join(dir, 'keystone.log');
  writeFileSync(
    join(dir, 'app.py'),
    "import sys\nsys.argv = ['keystone-wsgi']\nfrom keystone.server.wsgi import initialize_public_application\napplication = initialize_public_application()\n",
  );
  const start = async (compliance: Readonly<Record<string, string>>) => {
    writeFileSync(join(dir, 'keystone.conf'), configOf(dir, { ...options.compliance, ...compliance }, options));
    const server = await startServer({
      command: '/usr/bin/gunicorn',
      args: [
        '--chdir',
        dir,
        '-w',
        String(options.workers ?? 2),
        '-b',
        `${host}:${port}`,
        '--error-logfile',
        '-',
        '--access-logfile',
        '-',
        'app:application',
      ],
      log,
      pidFile: join(dir, 'keystone.pid'),
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', OS_KEYSTONE_CONFIG_FILES: join(dir, 'keystone.conf') },
    });
    await answers(url);
    return server;
  };
  let server = await start({});

  let adminToken = '';
  const raw = async (method: string, path: string, body: unknown, token: string | undefined, more: object = {}): Promise<Answer> => {
    const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { 'x-auth-token': token }), ...more };
    const response = await fetch(`${url}/v3${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    const parsed = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: response.status, body: parsed, token: response.headers.get('x-subject-token') ?? undefined };
  };
  const loginWith = (user: object, password: string, scope: object): Promise<Answer> =>
    raw(
      'POST',
      '/auth/tokens',
      { auth: { identity: { methods: ['password'], password: { user: { ...user, password } } }, scope } },
      undefined,
    );
  const renew = async (): Promise<void> => {
    const scope = { project: { name: 'admin', domain: { name: 'Default' } } };
    const answer = await loginWith({ name: 'admin', domain: { name: 'Default' } }, adminPassword, scope);
    adminToken = answer.token ?? '';
  };
  await renew().catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  const ask = (method: string, path: string, body?: unknown, token?: string): Promise<Answer> =>
    raw(method, path, body, token ?? adminToken);

  const made = await ask('POST', '/projects', { project: { name: `apps-${randomBytes(3).toString('hex')}`, domain_id: 'default' } });
  const project = (made.body as { project: { id: string } }).project.id;
  const roles = (await ask('GET', '/roles?name=member')).body as { roles: { id: string }[] };
  const users = new Map<string, LabUser>();
  for (const name of options.users) {
    const password = `First1-${randomBytes(9).toString('base64url')}`;
    const created = await ask('POST', '/users', { user: { name, password, domain_id: 'default', description: `owner of ${name}` } });
    const { id } = (created.body as { user: { id: string } }).user;
    await ask('PUT', `/projects/${project}/users/${id}/roles/${roles.roles[0]?.id}`);
    users.set(name, { id, name, password });
  }
  return {
    url,
    port,
    admin: { user: 'admin', password: adminPassword, project: 'admin' },
    project,
    users,
    logs: () => [log, ...filesUnder(join(dir, 'log'))].map((file) => readFileSync(file, 'utf8')).join('\n'),
    ask,
    login: async (id, password) => (await loginWith({ id }, password, { project: { id: project } })).token,
    alive: async (token) => (await raw('GET', '/auth/tokens', undefined, adminToken, { 'x-subject-token': token })).status === 200,
    restart: async (compliance = {}) => {
      await server.stop();
      server = await start(compliance);
    },
    stop: () => server.stop(),
  };
}

/** Making the tables and the first admin takes ten seconds, copying them none: done once for each version of the packages. */
async function fromGolden(dir: string): Promise<void> {
  if (!existsSync('/usr/bin/keystone-manage')) throw new Error('Keystone is not installed: run npm run lab:install');
  const { stdout } = await exec('dpkg-query', ['-W', `-f=$\{Version}`, 'keystone']);
  const golden = join(tmpdir(), `rekey-golden-keystone-${stdout.replace(/[^\w.-]/g, '_')}`);
  if (!existsSync(golden)) {
    const making = `${golden}.${process.pid}`;
    for (const folder of ['fernet', 'credential', 'log']) mkdirSync(join(making, folder), { recursive: true, mode: 0o700 });
    const conf = join(making, 'keystone.conf');
    writeFileSync(conf, configOf(making, {}));
    const manage = (...args: string[]) => exec('/usr/bin/keystone-manage', ['--config-file', conf, ...args], { cwd: making });
    const user = String(process.getuid?.() ?? 0);
    const group = String(process.getgid?.() ?? 0);
    await manage('db_sync');
    await manage('fernet_setup', '--keystone-user', user, '--keystone-group', group);
    await manage('credential_setup', '--keystone-user', user, '--keystone-group', group);
    await manage(
      ...['bootstrap', '--bootstrap-password', adminPassword, '--bootstrap-username', 'admin', '--bootstrap-project-name', 'admin'],
      ...['--bootstrap-role-name', 'admin', '--bootstrap-service-name', 'keystone', '--bootstrap-region-id', 'R1'],
      ...['--bootstrap-public-url', `http://${host}/v3`],
    );
    // Readers beside a writer: with SQLite's usual journal a login is answered with 500 while another request writes. The file remembers
    // it.
    await exec('/usr/bin/python3', ['-c', "import sqlite3; sqlite3.connect('ks.db').execute('PRAGMA journal_mode=WAL')"], { cwd: making });
    try {
      renameSync(making, golden);
    } catch {
      // Another suite was first.
      rmSync(making, { recursive: true, force: true });
    }
  }
  rmSync(dir, { recursive: true, force: true });
  cpSync(golden, dir, { recursive: true });
}

/** Passwords expire, so that the server dates their changes; few rounds, because the lab tests credentials and not bcrypt. */
function configOf(
  dir: string,
  compliance: Readonly<Record<string, string>>,
  { listLimit, debug, workers }: Pick<KeystoneOptions, 'listLimit' | 'debug' | 'workers'> = {},
): string {
  const settings = {
    password_regex: labRegex,
    password_regex_description: 'a letter, a digit, 12 characters',
    unique_last_password_count: '3',
    lockout_failure_attempts: '5',
    lockout_duration: '60',
    password_expires_days: '90',
    ...compliance,
  };
  return [
    `[DEFAULT]\nlog_dir = ${dir}/log\ndebug = ${debug === true}`,
    listLimit === undefined ? '' : `list_limit = ${listLimit}`,
    `[database]\nconnection = sqlite:///${dir}/ks.db?timeout=30`,
    '[token]\nprovider = fernet',
    `[fernet_tokens]\nkey_repository = ${dir}/fernet`,
    `[credential]\nkey_repository = ${dir}/credential`,
    `[cache]\n${workers === 1 ? 'enabled = true\nbackend = dogpile.cache.memory_pickle' : 'enabled = false'}`,
    '[identity]\npassword_hash_algorithm = bcrypt\npassword_hash_rounds = 4',
    `[security_compliance]\n${Object.entries(settings)
      .map(([name, value]) => `${name} = ${value}`)
      .join('\n')}`,
    '',
  ].join('\n');
}

async function answers(url: string): Promise<void> {
  for (let waited = 0; waited < 30_000; waited += 50) {
    const up = await fetch(`${url}/v3`).then(
      (response) => response.ok,
      () => false,
    );
    if (up) return;
    await sleep(50);
  }
  throw new Error('Keystone does not answer');
}

const filesUnder = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).map((file) => join(folder, file)) : []);

// A private etcd with authentication on: a root user for the test, a least-privilege user for Rekey, and known first values.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, sleep, startServer } from './process.ts';

export type EtcdOptions = {
  /** Ours to fill. */
  readonly dir: string;
  /** What Rekey's role may read and write. */
  readonly prefix: string;
  readonly keys?: Readonly<Record<string, string>>;
};
export type LabEtcd = {
  readonly url: string;
  readonly port: number;
  readonly rekey: { readonly user: string; readonly password: string };
  readonly logFile: string;
  /** A call of the JSON gateway as root. */
  admin(path: string, body: object): Promise<Record<string, unknown>>;
  get(key: string): Promise<{ readonly value: string; readonly lease: string | undefined; readonly revision: string } | undefined>;
  put(key: string, value: string, lease?: string): Promise<void>;
  /** Switches authentication off, or on again: every token ends. */
  secured(on: boolean): Promise<void>;
  /** Stop and start on the same data: every token ends. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

const program = '/usr/bin/etcd';
const encoded = (text: string): string => Buffer.from(text).toString('base64');

export async function startEtcd({ dir, prefix, keys = {} }: EtcdOptions): Promise<LabEtcd> {
  if (!existsSync(program)) throw new Error('etcd is not installed: run npm run lab:install');
  mkdirSync(dir, { recursive: true });
  rmSync(join(dir, 'data'), { recursive: true, force: true });
  const [port, peer] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const root = { name: 'root', password: randomBytes(9).toString('hex') };
  const rekey = { user: 'rekey', password: randomBytes(9).toString('hex') };
  const logFile = join(dir, 'etcd.log');
  let token: string | undefined;
  let server = await start();

  async function start(): Promise<{ stop(): Promise<void> }> {
    const peerUrl = `http://127.0.0.1:${peer}`;
    const started = await startServer({
      command: program,
      // bcrypt at its cheapest: a login of the lab is not to be the slowest part of a test.
      args: ['--name', 'lab', '--data-dir', join(dir, 'data'), '--bcrypt-cost', '4', '--auth-token', 'simple', '--debug']
        .concat(['--listen-client-urls', url, '--advertise-client-urls', url])
        .concat(['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl, '--initial-cluster', `lab=${peerUrl}`]),
      log: logFile,
      pidFile: join(dir, 'etcd.pid'),
      env: { PATH: '/usr/bin:/bin' },
    });
    for (let waited = 0; ; waited += 50) {
      if (
        await fetch(`${url}/health`).then(
          (answer) => answer.ok,
          () => false,
        )
      )
        return started;
      if (waited > 15_000) throw new Error('etcd was not healthy within 15 s');
      await sleep(50);
    }
  }

  async function call(path: string, body: object, as?: string): Promise<Record<string, unknown>> {
    const headers = as === undefined ? {} : { authorization: as };
    const answer = await fetch(`${url}/v3/${path}`, { method: 'POST', body: JSON.stringify(body), headers });
    const said = (await answer.json()) as Record<string, unknown>;
    if (!answer.ok) throw new Error(`etcd ${path}: ${String(said.error)}`);
    return said;
  }

  async function admin(path: string, body: object): Promise<Record<string, unknown>> {
    token ??= String((await call('auth/authenticate', root)).token);
    return call(path, body, token);
  }

  for (const user of [root, { name: rekey.user, password: rekey.password }]) {
    await call('auth/user/add', user);
    await call('auth/role/add', { name: user.name });
    await call('auth/user/grant', { user: user.name, role: user.name });
  }
  // The end of a prefix is the prefix with its last byte one higher.
  const end = Buffer.from(prefix);
  end[end.length - 1] = (end.at(-1) ?? 0) + 1;
  await call('auth/role/grant', {
    name: rekey.user,
    perm: { permType: 'READWRITE', key: encoded(prefix), range_end: end.toString('base64') },
  });
  await call('auth/enable', {});
  const put = async (key: string, value: string, lease?: string): Promise<void> => {
    await admin('kv/put', { key: encoded(key), value: encoded(value), ...(lease === undefined ? {} : { lease }) });
  };
  for (const [key, value] of Object.entries(keys)) await put(key, value);

  return {
    url,
    port,
    rekey,
    logFile,
    admin,
    put,
    get: async (key) => {
      const { kvs } = (await admin('kv/range', { key: encoded(key) })) as {
        kvs?: { value?: string; lease?: string; mod_revision: string }[];
      };
      const [kv] = kvs ?? [];
      return kv && { value: Buffer.from(kv.value ?? '', 'base64').toString(), lease: kv.lease, revision: kv.mod_revision };
    },
    secured: async (on) => {
      if (on) await call('auth/enable', {});
      else await admin('auth/disable', {});
      token = undefined;
    },
    restart: async () => {
      await server.stop();
      token = undefined;
      server = await start();
    },
    stop: () => server.stop(),
  };
}

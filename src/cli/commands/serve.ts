// rekey serve: the API, the console and a worker for this estate, until it is told to stop. What is on its way is settled first.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { Problem } from '../../domain/problem.ts';
import { asKebab } from '../../estate/init.ts';
import { addressOf, assertGuarded, defaultListen, publicOrigin } from '../../serve/address.ts';
import { act, type Cli, common, examples, type Flags, text } from '../cli.ts';
import { openHere } from '../connect.ts';
import type { ServeOptions, Serving } from '../house.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, [
    'rekey serve',
    'rekey serve --listen 0.0.0.0:7443 --tls-cert server.pem --tls-key server.key --public-url https://rekey.example.test',
    'rekey serve --listen 10.0.0.5:7443 --trust-proxy 10.0.0.1 --public-url https://rekey.example.test',
  ]);
  common(command)
    .option('--listen <host:port>', `where to listen (REKEY_LISTEN; otherwise ${defaultListen})`)
    .option('--tls-cert <file>', 'certificate and its chain, PEM; read again on SIGHUP (REKEY_TLS_CERT)')
    .option('--tls-key <file>', 'its key, PEM (REKEY_TLS_KEY)')
    .option('--public-url <url>', 'what people type, where that is not the address listened on (REKEY_PUBLIC_URL)')
    .option('--trust-proxy <cidr...>', 'proxies whose X-Forwarded headers are believed (REKEY_TRUST_PROXY, comma-separated)')
    .option('--metrics-listen <host:port>', 'an own listener for /metrics alone, without a token (REKEY_METRICS_LISTEN)')
    .option('--log-level <level>', 'info, warn or error, as JSON lines on stderr (REKEY_LOG_LEVEL; otherwise info, warn on a terminal)')
    .option('--demo', 'on an empty folder: a fictitious estate, nothing real is touched; on its folder: the same one again')
    .option('--no-worker', 'only API and console: rekey worker does the work elsewhere');
  act(cli, command, async (_, flags) => {
    if (text(flags, 'context') !== undefined)
      throw new Problem('usage', { place: '--context', message: 'a server opens the estate itself', hint: '--estate DIR' });
    // Before anything is opened: a mistake in the flags costs no keyring and no store.
    const options = optionsOf(cli, flags);
    const demo = flags.demo === true ? await demoIn(cli, text(flags, 'estate')) : undefined;
    const folder = demo?.folder ?? (await folderOf(cli, text(flags, 'estate')));
    try {
      return await serveIn(cli, folder, { options, worker: flags.worker !== false });
    } finally {
      await demo?.close();
    }
  });
}

type Serve = { readonly options: ServeOptions; readonly worker: boolean };
async function serveIn(cli: Cli, folder: string, { options, worker }: Serve): Promise<number> {
  const connection = await openHere(cli, folder, join(folder, '.rekey', 'rekey.sock'), { worker });
  try {
    const server = await connection.serve(options);
    cli.say(`estate ${connection.about.estate} (${folder})`);
    cli.say(`Rekey is at ${server.url}`);
    if (options.metricsListen !== undefined && server.metricsPort !== undefined)
      cli.say(`metrics are at ${originAt({ ...options.metricsListen, port: server.metricsPort })}/metrics, for whoever reaches it`);
    if (server.code !== null)
      cli.say(`nobody is administrator yet: open ${server.url}/bootstrap within a day and enter the code ${server.code}`);
    await untilStopped(cli, server);
    cli.say('stopping: what is on its way is settled first; a second Ctrl-C leaves at once and loses nothing');
    return 0;
  } finally {
    await connection.close();
  }
}

async function demoIn(cli: Cli, named: string | undefined): Promise<{ readonly folder: string; close(): Promise<void> }> {
  const folder = resolve(cli.terminal.cwd, named ?? '.');
  const there = await readdir(folder).catch(() => []);
  if (there.length > 0 && !existsSync(join(folder, '.rekey', 'demo')))
    throw new Problem('conflict', {
      place: folder,
      message: 'the demo wants an empty folder, or its own',
      hint: 'mkdir demo && cd demo && rekey serve --demo',
    });
  cli.say('DEMO: Harbour & Pine is fictitious; twelve systems are simulated in this process');
  return { folder, ...(await cli.house.startDemo(folder)) };
}

function optionsOf(cli: Cli, flags: Flags): ServeOptions {
  const { env } = cli.terminal;
  const given = (flag: string, variable: string): string | undefined => text(flags, flag) ?? (env[variable] || undefined);
  const listen = addressOf(given('listen', 'REKEY_LISTEN') ?? defaultListen);
  const [cert, key] = [given('tlsCert', 'REKEY_TLS_CERT'), given('tlsKey', 'REKEY_TLS_KEY')];
  if ((cert === undefined) !== (key === undefined))
    throw new Problem('usage', {
      place: cert === undefined ? '--tls-cert' : '--tls-key',
      message: 'a certificate and its key belong together',
      hint: '--tls-cert FILE --tls-key FILE',
    });
  const publicUrl = given('publicUrl', 'REKEY_PUBLIC_URL');
  const proxies = Array.isArray(flags.trustProxy) ? flags.trustProxy.map(String) : (env.REKEY_TRUST_PROXY ?? '').split(',');
  const options = {
    listen,
    ...(cert === undefined || key === undefined
      ? {}
      : { tls: { cert: resolve(cli.terminal.cwd, cert), key: resolve(cli.terminal.cwd, key) } }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(env.REKEY_METRICS_TOKEN ? { metricsToken: env.REKEY_METRICS_TOKEN } : {}),
    ...metricsListenOf(given('metricsListen', 'REKEY_METRICS_LISTEN'), listen),
    logLevel: levelOf(given('logLevel', 'REKEY_LOG_LEVEL'), cli),
    proxies: proxies.map((cidr) => cidr.trim()).filter((cidr) => cidr !== ''),
  };
  const exposure = { tls: cert !== undefined, proxies: options.proxies, publicUrl };
  assertGuarded(listen, exposure);
  publicOrigin(listen, exposure);
  return options;
}

/** Two listeners on one port would be one, and that one asks for a token. */
function metricsListenOf(given: string | undefined, listen: ServeOptions['listen']): Pick<ServeOptions, 'metricsListen'> {
  if (given === undefined) return {};
  const metricsListen = addressOf(given, '--metrics-listen');
  if (metricsListen.port === 0 || metricsListen.port !== listen.port) return { metricsListen };
  throw new Problem('usage', {
    place: '--metrics-listen',
    message: 'this is the port of --listen',
    hint: 'take another one, such as 127.0.0.1:9464',
  });
}

const originAt = ({ host, port }: ServeOptions['listen']): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

function levelOf(given: string | undefined, cli: Cli): ServeOptions['logLevel'] {
  const level = given ?? (cli.terminal.stderr.isTTY === true ? 'warn' : 'info');
  if (level === 'info' || level === 'warn' || level === 'error') return level;
  throw new Problem('usage', { place: '--log-level', message: `"${level}" is not a level`, hint: 'info, warn or error' });
}

/** An empty folder becomes an estate: whoever tries Rekey starts here. One with other things in it is taken for a mistake. */
async function folderOf(cli: Cli, named: string | undefined): Promise<string> {
  const { cwd, env } = cli.terminal;
  try {
    return await cli.house.estateFolder(named, cwd, env);
  } catch (error) {
    const folder = resolve(cwd, named ?? (env.REKEY_ESTATE || '.'));
    const there = await readdir(folder).catch(() => undefined);
    if (!(error instanceof Problem) || error.code !== 'not-found' || there === undefined || there.length > 0) throw error;
    const name = asKebab(basename(folder)) || 'estate';
    await cli.house.initEstate({ folder, name });
    cli.say(`the folder was empty: estate ${name} made in ${folder}\nKeep a copy of .rekey/keyring apart from the store.`);
    return folder;
  }
}

function untilStopped(cli: Cli, server: Serving): Promise<void> {
  return new Promise((stopped) => {
    let asked = false;
    const interrupted = cli.terminal.onInterrupt(() => {
      if (asked) process.exit(130);
      asked = true;
      reloads();
      stopped();
    });
    const reloads = cli.terminal.onReload(() => {
      try {
        server.reloadTls();
        cli.say('the certificate was read again');
      } catch (error) {
        cli.warn(`the old certificate stays: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
    void interrupted;
  });
}

// One real domain controller: provisioned or joined, started in a mount namespace of its own, stopped by the process group that was recorded.
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { portOpen, sleep, startServer, stopServer } from '../process.ts';
import { dnsName, krbConf, makeCertificate, makeFolders, type Site, samLdb, smbConf, writeKrbConf, writeSmbConf } from './conf.ts';

const exec = promisify(execFile);
export const adminPassword = 'Lab-Admin-Pa55!';
/** With the domain in it: a bare name is looked up in WORKGROUP, which only winbindd could answer for. */
export const adminLogin = ({ domain }: Pick<Site, 'domain'>): string => `${domain.netbios}\\administrator%${adminPassword}`;

/** libwbclient and samba have /run/samba compiled in, and a controller must ask its own DNS: both are bound in a namespace only this process sees. */
const inside = (dir: string): string[] => [
  '-m',
  '--propagation',
  'private',
  'sh',
  '-c',
  `mount --bind ${join(dir, 'run')} /run/samba && mount --bind ${join(dir, 'resolv.conf')} /etc/resolv.conf && exec "$@"`,
  'sh',
];

/** Runs a tool of Samba as that controller sees the world. Throws with what the tool said. */
export async function run(site: Site, command: string, args: readonly string[], input?: string): Promise<string> {
  mkdirSync('/run/samba', { recursive: true });
  const options = { env: { ...process.env, KRB5_CONFIG: krbConf(site.dir) }, maxBuffer: 64 * 1024 * 1024 };
  const running = exec('unshare', [...inside(site.dir), command, ...args], options);
  running.child.stdin?.end(input ?? '');
  try {
    return (await running).stdout;
  } catch (error) {
    const { stderr, stdout } = error as { stderr?: string; stdout?: string };
    throw new Error(`${command} ${args.slice(0, 3).join(' ')}: ${(stderr || stdout || String(error)).trim().slice(-600)}`);
  }
}

const own = (site: Site): string[] => [`--option=interfaces=${site.ip}/8`, '--option=bind interfaces only=yes'];

export async function provision(site: Site): Promise<void> {
  rmSync(site.dir, { recursive: true, force: true });
  makeFolders(site);
  // With a targetdir Samba would still inherit /etc/samba/smb.conf: an empty file keeps it out.
  const where = [`--configfile=${join(site.dir, 'empty.conf')}`, `--targetdir=${site.dir}`];
  const names = [`--realm=${site.domain.realm}`, `--domain=${site.domain.netbios}`, `--host-name=${site.host}`, `--host-ip=${site.ip}`];
  const kind = ['--server-role=dc', '--dns-backend=SAMBA_INTERNAL', '--use-rfc2307', `--adminpass=${adminPassword}`];
  await run(site, 'samba-tool', ['domain', 'provision', ...where, ...names, ...kind, ...own(site)]);
  settle(site);
  const spn = ['spn', 'add', `ldap/${dnsName(site)}`, `${site.host.toUpperCase()}$`];
  await run(site, 'samba-tool', [...spn, `--configfile=${smbConf(site.dir)}`, '-H', samLdb(site.dir)]);
}

/** `partner` must be running. `kind` RODC: read-only, as branch offices have them. What a controller otherwise registers by itself (service dnsupdate) is written by hand: names and SPNs. */
export async function joinDomain(site: Site, partner: Site, kind: 'DC' | 'RODC' = 'DC'): Promise<void> {
  rmSync(site.dir, { recursive: true, force: true });
  makeFolders(site);
  writeKrbConf({ ...site, ip: partner.ip });
  const realm = site.domain.realm.toLowerCase();
  const where = [`--configfile=${join(site.dir, 'empty.conf')}`, `--targetdir=${site.dir}`, `--server=${dnsName(partner)}`];
  const how = ['--dns-backend=SAMBA_INTERNAL', '-U', adminLogin(site), `--option=netbios name=${site.host.toUpperCase()}`];
  await run(site, 'samba-tool', ['domain', 'join', realm, kind, ...where, ...how, ...own(site)]);
  settle(site);
}

function settle(site: Site): void {
  writeSmbConf(site);
  writeKrbConf(site);
  makeCertificate(site);
}

export type RunningController = { readonly site: Site; stop(): Promise<void> };

export async function startController(site: Site): Promise<RunningController> {
  makeFolders(site);
  settle(site);
  mkdirSync('/run/samba', { recursive: true });
  const pidFile = join(site.dir, 'run/lab.pid');
  await stopServer(pidFile, 'group');
  await vacant(site);
  const args = [...inside(site.dir), '/usr/sbin/samba', '-i', '-M', 'prefork', '-s', smbConf(site.dir)];
  const log = join(site.dir, 'log/stdout.log');
  await startServer({ command: 'unshare', args, log, pidFile, env: { ...process.env, KRB5_CONFIG: krbConf(site.dir) } });
  const name = `samba ${site.host} (${log})`;
  try {
    for (const port of [389, 636, 88, 135, ...(site.smb === true ? [445] : [])]) await portOpen(port, name, 30_000, site.ip);
    await answering(site);
  } catch (error) {
    await stopServer(pidFile, 'group');
    throw error;
  }
  return { site, stop: () => stopServer(pidFile, 'group') };
}

/** The ports of a controller are fixed, so its address is its own: whoever listens there would be taken for it. */
async function vacant({ ip }: Site): Promise<void> {
  for (let waited = 0; await listens(ip, 389); waited += 100) {
    if (waited > 5_000) throw new Error(`another controller listens on ${ip}: stop it, this one needs the address for itself`);
    await sleep(100);
  }
}

const listens = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port }, () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/** The port is open before the database is: a search tells. */
async function answering({ ip }: Site): Promise<void> {
  const { Client } = await import('ldapts');
  for (let waited = 0; ; waited += 50) {
    const client = new Client({ url: `ldap://${ip}`, timeout: 2_000, connectTimeout: 2_000 });
    try {
      const { searchEntries } = await client.search('', { scope: 'base', attributes: ['defaultNamingContext'] });
      if (searchEntries.length > 0) return;
    } catch (error) {
      if (waited > 10_000) throw error;
    } finally {
      await client.unbind().catch(() => undefined);
    }
    await sleep(50);
  }
}

export const sambaVersion = (): string => execFileSync('/usr/sbin/samba', ['--version'], { encoding: 'utf8' }).trim();

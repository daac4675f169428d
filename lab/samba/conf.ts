// Where one lab controller keeps everything (its own folder, one loopback address), and the files that say so: smb.conf, krb5.conf, certificate.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Site = {
  readonly dir: string;
  readonly ip: string;
  readonly host: string;
  readonly domain: LabDomain;
  /** Where names are looked up. */
  readonly dns: string;
  /** A program that gets each new password on stdin and refuses it by its exit code, as a password filter of Windows does. */
  readonly passwordFilter?: string;
  /** It serves files too, on port 445: a logon over NTLM is a path of its own. Takes a second longer to start. */
  readonly smb?: boolean;
  /** What partners have changed is fetched every other second. Left out: replication runs only when it is told to, which is the lag switch. */
  readonly replicates?: boolean;
};
export type LabDomain = { readonly realm: string; readonly netbios: string };

export const labDomain: LabDomain = { realm: 'LAB.TEST', netbios: 'LAB' };
export const otherDomain: LabDomain = { realm: 'OTHER.TEST', netbios: 'OTHER' };
export const baseOf = ({ realm }: LabDomain): string =>
  realm
    .split('.')
    .map((part) => `DC=${part.toLowerCase()}`)
    .join(',');
export const dnsName = ({ host, domain }: Pick<Site, 'host' | 'domain'>): string => `${host}.${domain.realm.toLowerCase()}`;

export const smbConf = (dir: string): string => join(dir, 'etc/smb.conf');
export const samLdb = (dir: string): string => join(dir, 'private/sam.ldb');
export const caFile = (dir: string): string => join(dir, 'private/tls/ca.pem');
export const krbConf = (dir: string): string => join(dir, 'krb5.conf');

/** Seconds: ten days. */
const never = '864000';

export function makeFolders({ dir, dns, domain }: Site): void {
  for (const part of ['run/winbindd', 'log', 'ncalrpc', 'ntp', 'lock', 'cache', 'state', 'etc', 'private/tls', 'bind-dns', 'state/sysvol'])
    mkdirSync(join(dir, part), { recursive: true });
  // winbindd and ntp_signd refuse folders that are open too far, or not far enough.
  execFileSync('chmod', ['755', join(dir, 'run/winbindd')]);
  execFileSync('chmod', ['750', join(dir, 'ntp')]);
  writeFileSync(join(dir, 'empty.conf'), '');
  writeFileSync(join(dir, 'resolv.conf'), `nameserver ${dns}\nsearch ${domain.realm.toLowerCase()}\n`);
}

export function writeSmbConf({ dir, ip, host, domain, passwordFilter, smb, replicates = false }: Site): void {
  const [startup, periodic] = replicates ? ['1', '2'] : [never, never];
  const lines = {
    'netbios name': host.toUpperCase(),
    realm: domain.realm,
    workgroup: domain.netbios,
    'server role': 'active directory domain controller',
    'server services': `rpc, ldap, cldap, kdc, drepl, dns${smb === true ? ', s3fs, winbindd' : ''}`,
    // /8: with /32 samba finds no interface at all.
    interfaces: `${ip}/8`,
    'bind interfaces only': 'yes',
    'private dir': join(dir, 'private'),
    'state directory': join(dir, 'state'),
    'lock directory': join(dir, 'lock'),
    'cache directory': join(dir, 'cache'),
    'binddns dir': join(dir, 'bind-dns'),
    'pid directory': join(dir, 'run'),
    'ncalrpc dir': join(dir, 'ncalrpc'),
    'winbindd socket directory': '/run/samba/winbindd',
    'ntp signd socket directory': join(dir, 'ntp'),
    logging: 'file',
    'log file': join(dir, 'log/log.%m'),
    // Who authenticated how, and every change of a password: what the secret canary greps.
    'log level': '1 auth_audit:3 dsdb_password_audit:5',
    'max log size': '20000',
    'disable spoolss': 'yes',
    'load printers': 'no',
    'ntlm auth': 'ntlmv2-only',
    'tls enabled': 'yes',
    'tls keyfile': 'tls/key.pem',
    'tls certfile': 'tls/cert.pem',
    'tls cafile': 'tls/ca.pem',
    'dns forwarder': '',
    'dreplsrv:periodic_startup_interval': startup,
    'dreplsrv:periodic_interval': periodic,
    'dreplsrv:notify_interval': never,
    'prefork children': '2',
    ...(passwordFilter === undefined ? {} : { 'check password script': passwordFilter }),
  };
  const sections = `[sysvol]\n  path = ${join(dir, 'state/sysvol')}\n  read only = no\n`;
  const global = Object.entries(lines).map(([name, value]) => `  ${name} = ${value}`);
  writeFileSync(smbConf(dir), `[global]\n${global.join('\n')}\n${sections}`);
}

export function writeKrbConf({ dir, ip, domain }: Site): void {
  const lower = domain.realm.toLowerCase();
  const off = ['dns_lookup_realm', 'dns_lookup_kdc', 'dns_canonicalize_hostname', 'rdns'].map((name) => `  ${name} = false`);
  const lines = [
    ...['[libdefaults]', `  default_realm = ${domain.realm}`, ...off, '  udp_preference_limit = 1'],
    ...['[realms]', `  ${domain.realm} = {`, `    kdc = ${ip}:88`, `    kpasswd_server = ${ip}:464`, '  }'],
    ...['[domain_realm]', `  .${lower} = ${domain.realm}`, `  ${lower} = ${domain.realm}`, ''],
  ];
  writeFileSync(krbConf(dir), lines.join('\n'));
}

/** Signed by a CA of its own (Samba's own certificate takes seconds and names no address). Ten years: a golden copy outlives a month. */
export function makeCertificate(site: Site): void {
  const file = (name: string) => join(site.dir, 'private/tls', name);
  if (existsSync(file('cert.pem'))) return;
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-days',
    '3650',
    '-subj',
    `/CN=${site.domain.netbios} lab CA ${site.host}`,
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
  );
  openssl('req', ...key, '-subj', `/CN=${dnsName(site)}`, '-keyout', file('key.pem'), '-out', file('server.csr'));
  writeFileSync(file('san'), `subjectAltName=DNS:${dnsName(site)},DNS:localhost,IP:${site.ip},IP:127.0.0.1\n`);
  openssl(
    'x509',
    '-req',
    '-days',
    '3650',
    '-in',
    file('server.csr'),
    '-CA',
    file('ca.pem'),
    '-CAkey',
    file('ca.key'),
    '-CAcreateserial',
    '-extfile',
    file('san'),
    '-out',
    file('cert.pem'),
  );
  execFileSync('chmod', ['600', file('key.pem')]);
}

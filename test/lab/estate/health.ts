// A consumer's health check: logs in with what its file says, through the tools of the trade. The secret goes by file or environment, never by argument.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCredential } from '../../../lab/credential-file.ts';

export type HealthTarget =
  | { readonly kind: 'ldap'; readonly url: string; readonly dn: string }
  | { readonly kind: 'postgres'; readonly host: string; readonly port: number; readonly user: string };
export type HealthOf = { readonly target: HealthTarget; readonly file: string; readonly format: string };

/** True when the login works. */
export function isHealthy({ target, file, format }: HealthOf): boolean {
  if (target.kind === 'ldap') {
    const own = mkdtempSync(join(tmpdir(), 'health-'));
    const password = join(own, 'password');
    try {
      writeFileSync(password, readCredential(readFileSync(file, 'utf8'), format), { mode: 0o600 });
      return spawnSync('ldapwhoami', ['-x', '-H', target.url, '-D', target.dn, '-y', password], { timeout: 5_000 }).status === 0;
    } finally {
      rmSync(own, { recursive: true });
    }
  }
  const { PATH = '/usr/bin:/bin' } = process.env;
  const own = format.startsWith('pgpass:')
    ? { PGPASSFILE: file }
    : { PGPASSFILE: '/nonexistent', PGPASSWORD: readCredential(readFileSync(file, 'utf8'), format) };
  const args = ['-h', target.host, '-p', String(target.port), '-U', target.user, '-w', '-Atqc', 'SELECT 1', 'postgres'];
  const env = { PATH, PGCONNECT_TIMEOUT: '5', PGAPPNAME: 'health', ...own };
  return spawnSync('psql', args, { env, timeout: 8_000 }).status === 0;
}

const [, script, about] = process.argv;
if (about !== undefined && script !== undefined && import.meta.url === new URL(`file://${script}`).href)
  process.exitCode = isHealthy(JSON.parse(readFileSync(about, 'utf8')) as HealthOf) ? 0 : 1;

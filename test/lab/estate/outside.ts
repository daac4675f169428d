// The estate as anybody else sees it: logins through ldapwhoami and psql, the directory's own record of failures and locks. Nothing here goes through Rekey.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'ldapts';
import type { Slapd } from '../../../lab/slapd.ts';
import type { HealthTarget } from './health.ts';

export type Answer = 'in' | 'refused' | string;

/** `refused` only for the server's own answer about the credential; anything else is told as it came. */
export function login(target: HealthTarget, secret: string): Promise<Answer> {
  if (target.kind === 'ldap') {
    const own = mkdtempSync(join(tmpdir(), 'login-'));
    const password = join(own, 'password');
    writeFileSync(password, secret, { mode: 0o600 });
    const args = ['-x', '-H', target.url, '-D', target.dn, '-y', password];
    return ended('ldapwhoami', args, {}, (code, text) => (code === 49 && /Invalid credentials/.test(text) ? 'refused' : text)).finally(() =>
      rmSync(own, { recursive: true }),
    );
  }
  const args = ['-h', target.host, '-p', String(target.port), '-U', target.user, '-w', '-Atqc', 'SELECT 1', 'postgres'];
  return ended('psql', args, { PGPASSWORD: secret, PGPASSFILE: '/nonexistent' }, (_, text) =>
    /password authentication failed/.test(text) ? 'refused' : text,
  );
}

function ended(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
  why: (code: number, text: string) => Answer,
): Promise<Answer> {
  return new Promise((resolve) => {
    const { PATH = '/usr/bin:/bin' } = process.env;
    const child = execFile(command, args, { env: { PATH, LC_ALL: 'C', ...env }, timeout: 10_000 }, (error, _out, err) =>
      resolve(error === null ? 'in' : why(Number(error.code), err.trim())),
    );
    child.stdin?.end();
  });
}

export type Marks = { readonly changed: string; readonly failures: number; readonly locked: boolean };

/** What the directory says of every account, by DN, read by rootdn on one server. */
export async function marksOf(slapd: Slapd, url = slapd.url): Promise<ReadonlyMap<string, Marks>> {
  return asRoot(slapd, url, async (client) => {
    const attributes = ['pwdChangedTime', 'pwdFailureTime', 'pwdAccountLockedTime'];
    const { searchEntries } = await client.search(slapd.base, { scope: 'sub', filter: '(userPassword=*)', attributes });
    return new Map(
      searchEntries.map((entry) => {
        const of = (name: string): string[] => [entry[name] ?? []].flat().map(String);
        return [
          entry.dn,
          { changed: of('pwdChangedTime')[0] ?? '', failures: of('pwdFailureTime').length, locked: of('pwdAccountLockedTime').length > 0 },
        ];
      }),
    );
  });
}

/** Looks for locked accounts on every server, again and again, until it is stopped; answers who was seen locked. */
export function watchLocks(slapd: Slapd): { stop(): Promise<{ readonly locked: readonly string[]; readonly looks: number }> } {
  const locked = new Set<string>();
  let looks = 0;
  let stopped = false;
  const watch = async (url: string): Promise<void> =>
    asRoot(slapd, url, async (client) => {
      while (!stopped) {
        const { searchEntries } = await client.search(slapd.base, {
          scope: 'sub',
          filter: '(pwdAccountLockedTime=*)',
          attributes: ['1.1'],
        });
        for (const { dn } of searchEntries) locked.add(`${dn} on ${url}`);
        looks++;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    });
  const watching = Promise.all([slapd.url, ...slapd.replicas.map((each) => each.url)].map(watch));
  return {
    stop: async () => {
      stopped = true;
      await watching;
      return { locked: [...locked], looks };
    },
  };
}

async function asRoot<T>(slapd: Slapd, url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ url, timeout: 30_000, connectTimeout: 5_000 });
  try {
    await client.bind(slapd.rootDn, slapd.rootPassword);
    return await work(client);
  } finally {
    await client.unbind();
  }
}

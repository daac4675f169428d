// Kerberos as MIT's own tools speak it (kinit, kvno): the password goes in on stdin, and configuration and tickets live in a folder that is removed.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Probed, Secret } from '../../kit/kit.ts';

export type Realm = { readonly realm: string; readonly kdc: string; readonly port: number };
/** What a tool said: `ok`, or the text of the library, which is the same in every release. */
export type Said = { readonly ok: boolean; readonly text: string };

/** Text of the library → RFC 4120 error number and verdict. A ticket is never asked for twice. */
export const kinitAnswers: readonly (readonly [RegExp, string, Probed['verdict']])[] = [
  [/Preauthentication failed/, '24', 'rejected'],
  [/Password incorrect/, '31', 'rejected'],
  [/credentials have been revoked/, '18', 'blocked'],
  [/Password (has )?expired|Password change failed|must change it now/, '23', 'blocked'],
  [/Client not found|Client '.*' not found/, '6', 'indeterminate'],
  [/Clock skew too great/, '37', 'indeterminate'],
  [/Cannot contact any KDC|Cannot resolve/, 'no-kdc', 'indeterminate'],
];

export function kinitVerdict({ ok, text }: Said): Probed {
  if (ok) return { verdict: 'accepted', code: '0' };
  const [, code, verdict] = kinitAnswers.find(([pattern]) => pattern.test(text)) ?? [undefined, 'unknown', 'indeterminate' as const];
  // A controller looks at the password first: a wrong one on the same account is answered with 24.
  return { verdict, code: `krb/${code}`, ...(code === '23' && { right: true }) };
}

/** A folder of its own for one KDC: no other configuration and no other tickets are seen. */
export class KerberosHome {
  readonly #dir: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #limits: { readonly timeout: number; readonly signal?: AbortSignal };
  readonly realm: string;

  constructor({ realm, kdc, port }: Realm, timeoutMs: number, signal?: AbortSignal) {
    this.realm = realm;
    this.#limits = { timeout: timeoutMs, ...(signal === undefined ? {} : { signal }) };
    this.#dir = mkdtempSync(join(tmpdir(), 'rekey-krb5-'));
    const conf = join(this.#dir, 'krb5.conf');
    const libdefaults = ['dns_lookup_realm = false', 'dns_lookup_kdc = false', 'dns_canonicalize_hostname = false', 'rdns = false'];
    const one = ['[libdefaults]', `default_realm = ${realm}`, ...libdefaults, 'udp_preference_limit = 1', 'forwardable = false'];
    writeFileSync(conf, [...one, '[realms]', `${realm} = {`, `kdc = ${kdc}:${port}`, '}', ''].join('\n'), { mode: 0o600 });
    // PATH finds the tools; nothing else of our environment is theirs to see.
    this.#env = { PATH: process.env.PATH, LC_ALL: 'C', KRB5_CONFIG: conf, KRB5CCNAME: `FILE:${join(this.#dir, 'none')}` };
  }

  /** A first ticket (TGT), kept under `name`. */
  ticket(principal: string, secret: Secret, name = 'tgt', more: readonly string[] = []): Promise<Said> {
    return this.#run('kinit', ['-c', this.#cache(name), ...more, `${principal}@${this.realm}`], secret);
  }

  /** A service ticket bought with the ticket kept under `name`. One bought before is forgotten first, so that the KDC is asked. */
  async serviceTicket(spn: string, name = 'tgt'): Promise<Said> {
    return this.#run('kvno', ['-q', '-c', this.#cache(name), '--out-cache', this.#cache(`${name}-bought-${Date.now()}`), spn]);
  }

  renew(name = 'tgt'): Promise<Said> {
    return this.#run('kinit', ['-R', '-c', this.#cache(name)]);
  }

  /** The tickets kept under `name`, as a file; `keep` puts such a file back. */
  cacheOf(name = 'tgt'): Buffer {
    return readFileSync(join(this.#dir, name));
  }

  keep(cache: Uint8Array, name = 'tgt'): void {
    writeFileSync(join(this.#dir, name), cache, { mode: 0o600 });
  }

  remove(): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #cache(name: string): string {
    return `FILE:${join(this.#dir, name)}`;
  }

  #run(command: string, args: readonly string[], secret?: Secret): Promise<Said> {
    return new Promise((resolve) => {
      const options = { env: this.#env, maxBuffer: 65_536, ...this.#limits };
      const child = execFile(command, args, options, (error, stdout, stderr) => {
        const missing = (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
        // "Password expired. You must change it now." is a prompt, on stdout; what failed is on stderr. Neither ever holds the password.
        resolve({
          ok: error === null,
          text: missing ? `${command} is not installed (krb5-user)` : `${stderr} ${stdout}`.trim().slice(0, 300),
        });
      });
      child.stdin?.on('error', () => {});
      if (secret === undefined) child.stdin?.end();
      else secret.use((bytes) => child.stdin?.end(Buffer.concat([bytes, Buffer.from('\n')])));
    });
  }
}

// One NTLMv2 logon by Samba's smbclient. The password goes through a pipe, never by argument, variable or file; nothing of the host's smb.conf counts.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Secret } from '../../kit/secret.ts';

export type SmbServer = { readonly host: string; readonly port: number };
export type Logon = { readonly user: string; readonly workgroup?: string; readonly secret: Secret };
export type Until = { readonly timeoutMs: number; readonly signal: AbortSignal };

/** `exit`: the program ended by itself. `failed`: it was not started, or was stopped (`ETIMEDOUT`, `ABORTED`, `ENOENT`). */
export type Ran =
  | { readonly kind: 'exit'; readonly status: number; readonly output: string }
  | { readonly kind: 'failed'; readonly code: string };

/** Samba reads a password from a descriptor into a buffer of 128 and stops at the first line break: more, or that, would be another password. */
export const maxPassword = 126;
export const takesPassword = (bytes: Uint8Array): boolean =>
  bytes.length <= maxPassword && !bytes.some((byte) => byte === 0 || byte === 10 || byte === 13);

/** A `%` would begin a password, a line break nothing good. */
export const takesUser = (user: string): boolean => user !== '' && !/[%\p{Cc}]/u.test(user);

const maxOutput = 16_384;

/**
 * Signing is required: a guest session, which servers may give to whoever is refused, cannot be signed, and neither can a server
 * that does not know the password sign its answer.
 */
function settings(folder: string): string {
  const folders = ['private dir', 'lock directory', 'state directory', 'cache directory', 'pid directory', 'ncalrpc dir'];
  const lines = [
    ...folders.map((name) => `${name} = ${folder}`),
    'client use kerberos = off',
    'client signing = required',
    'client ipc signing = required',
    'client ntlmv2 auth = yes',
    'client min protocol = SMB2_02',
    'client max protocol = SMB3',
    'name resolve order = host',
    'log level = 0',
  ];
  return `[global]\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

export async function logOn(server: SmbServer, logon: Logon, until: Until): Promise<Ran> {
  if (until.signal.aborted) return { kind: 'failed', code: 'ABORTED' };
  const folder = await mkdtemp(join(tmpdir(), 'rekey-smb-')).catch((error: NodeJS.ErrnoException) => error);
  if (folder instanceof Error) return { kind: 'failed', code: `${folder.code ?? 'EIO'} ${tmpdir()}` };
  try {
    const conf = join(folder, 'smb.conf');
    await writeFile(conf, settings(folder), { mode: 0o600 });
    return await run(server, logon, { folder, conf }, until);
  } catch (error) {
    return { kind: 'failed', code: (error as NodeJS.ErrnoException).code ?? 'EIO' };
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

function run(server: SmbServer, logon: Logon, at: { readonly folder: string; readonly conf: string }, until: Until): Promise<Ran> {
  const args = [
    `//${server.host}/IPC$`,
    `--configfile=${at.conf}`,
    `--port=${server.port}`,
    `--user=${logon.user}`,
    ...(logon.workgroup === undefined ? [] : [`--workgroup=${logon.workgroup}`]),
    '--command=exit',
  ];
  // Nothing of Rekey's own environment: it may hold keys, and USER or PASSWD would be read.
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: at.folder, LC_ALL: 'C', PASSWD_FD: '3' };
  return new Promise((resolve) => {
    const child = spawn('smbclient', args, { cwd: at.folder, env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'], detached: true });
    const output: Buffer[] = [];
    let size = 0;
    const finish = (ran: Ran): void => {
      clearTimeout(timer);
      until.signal.removeEventListener('abort', stop);
      resolve(ran);
    };
    const end = (code: string) => (): void => {
      child.kill('SIGKILL');
      finish({ kind: 'failed', code });
    };
    const timer = setTimeout(end('ETIMEDOUT'), until.timeoutMs);
    const stop = end('ABORTED');
    until.signal.addEventListener('abort', stop, { once: true });
    child.once('error', (error: NodeJS.ErrnoException) => finish({ kind: 'failed', code: error.code ?? 'ESPAWN' }));
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= maxOutput) output.push(chunk);
      });
    child.once('close', (status) =>
      finish(
        status === null ? { kind: 'failed', code: 'ended' } : { kind: 'exit', status, output: Buffer.concat(output).toString('utf8') },
      ),
    );
    const pipe = child.stdio[3] as import('node:stream').Writable; // opened for writing by the 'pipe' above
    pipe.on('error', () => {}); // The program may have gone before it read.
    logon.secret.use((bytes) => {
      const copy = Buffer.from(bytes);
      pipe.end(copy, () => copy.fill(0));
    });
  });
}

// Resolves where a connector's own credential lives. The value goes from its source into a Secret and nowhere else.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '../domain/problem.ts';
import type { Secret, SecretRef } from '../kit/secret.ts';
import { secretOf } from './secret.ts';

export type Surroundings = { readonly folder: string; readonly env: NodeJS.ProcessEnv; readonly timeoutMs: number };

/** A trailing line break of a file's or a command's output is not part of the value. Throws invalid-config naming the source, never the value. */
export async function resolveSecret(ref: SecretRef, around: Surroundings): Promise<Secret> {
  if ('env' in ref) return fromEnv(ref.env, around);
  if ('file' in ref) return fromFile(ref.file, around);
  if ('exec' in ref) return fromCommand(ref.exec, around);
  return fromVault(ref.vault, around);
}

function fromEnv(name: string, { env }: Surroundings): Secret {
  const value = env[name];
  if (value === undefined || value === '')
    throw new Problem('invalid-config', {
      message: `the environment variable ${name} is not set`,
      hint: `export ${name}=… in the shell or unit that starts rekey`,
    });
  return secretOf(`env ${name}`, value);
}

async function fromFile(path: string, { folder }: Surroundings): Promise<Secret> {
  const full = isAbsolute(path) ? path : join(folder, path);
  try {
    return secretOf(`file ${path}`, trimmed(await readFile(full)));
  } catch (error) {
    throw new Problem('invalid-config', {
      message: `the secret file ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
      hint: 'check the path and that this user may read it',
    });
  }
}

async function fromCommand(command: readonly string[], { folder, timeoutMs }: Surroundings): Promise<Secret> {
  const [program, ...args] = command;
  if (program === undefined)
    throw new Problem('invalid-config', { message: 'exec names no program', hint: 'exec: [program, argument, …]' });
  try {
    const { stdout } = await promisify(execFile)(program, args, { cwd: folder, timeout: timeoutMs, encoding: 'buffer', maxBuffer: 65_536 });
    return secretOf(`exec ${program}`, trimmed(stdout));
  } catch (error) {
    // Only the code: the output of a half-failed command may hold the secret.
    throw new Problem('invalid-config', {
      message: `${program} did not give the secret (${(error as { code?: string | number }).code ?? 'failed'})`,
      hint: 'run it by hand as this user',
    });
  }
}

/** `vault: "secret/data/rekey/ldap#password"` on VAULT_ADDR with VAULT_TOKEN (KV version 2 answers data.data, version 1 data). */
async function fromVault(ref: string, { env, timeoutMs }: Surroundings): Promise<Secret> {
  const [path = '', key = 'value'] = ref.split('#', 2);
  const address = env.VAULT_ADDR;
  const token = env.VAULT_TOKEN;
  if (address === undefined || token === undefined)
    throw new Problem('invalid-config', {
      message: `vault: ${path} needs VAULT_ADDR and VAULT_TOKEN`,
      hint: 'export both where rekey starts',
    });
  const failed = (why: string): Problem =>
    new Problem('invalid-config', { message: `vault did not give ${path}: ${why}`, hint: `vault kv get ${path}` });
  const reply = await fetch(new URL(`/v1/${path}`, address), {
    headers: { 'x-vault-token': token },
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: Error) => {
    throw failed(error.name);
  });
  if (!reply.ok) throw failed(`status ${reply.status}`);
  const body = (await reply.json()) as { data?: { data?: Record<string, unknown> } & Record<string, unknown> };
  const value = body.data?.data?.[key] ?? body.data?.[key];
  if (typeof value !== 'string') throw failed(`no text under "${key}"`);
  return secretOf(`vault ${path}`, value);
}

function trimmed(bytes: Buffer): Uint8Array {
  let end = bytes.length;
  if (bytes[end - 1] === 0x0a) end--;
  if (bytes[end - 1] === 0x0d) end--;
  return bytes.subarray(0, end);
}

// The tokens of this user, one per server, in a file that only they may read. REKEY_TOKEN wins over it.
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Problem } from '../domain/problem.ts';

type Env = Readonly<Record<string, string | undefined>>;

const fileOf = (env: Env): string => join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'rekey', 'tokens.json');

/** Undefined: nobody has signed in there. */
export async function tokenFor(server: string, env: Env): Promise<string | undefined> {
  if (env.REKEY_TOKEN) return checked(env.REKEY_TOKEN, 'REKEY_TOKEN');
  return (await stored(env))[keyOf(server)];
}

/** Written beside and put in place, so that a crash leaves the old file or the new one. Returns the file. */
export async function keepToken(server: string, token: string, env: Env): Promise<string> {
  const file = fileOf(env);
  const tokens = { ...(await stored(env)), [keyOf(server)]: checked(token, 'the token') };
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}`;
  await writeFile(fresh, `${JSON.stringify(tokens, null, 2)}\n`, { mode: 0o600 });
  await chmod(fresh, 0o600); // the mode of writeFile holds for new files only
  await rename(fresh, file);
  return file;
}

/** A token is for the server that made it: the path and the case of its name do not matter. */
function keyOf(server: string): string {
  return URL.canParse(server) ? new URL(server).origin : server;
}

async function stored(env: Env): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(fileOf(env), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw new Problem('usage', {
      place: fileOf(env),
      message: 'the file of tokens cannot be read',
      hint: 'mend its owner and mode (0600), or remove it',
    });
  });
  try {
    return JSON.parse(text) as Record<string, string>; // our own file
  } catch {
    throw new Problem('usage', { place: fileOf(env), message: 'the file of tokens is damaged', hint: 'remove it, then: rekey login URL' });
  }
}

/** A header cannot hold line breaks, and what is no token of ours is not sent anywhere. */
function checked(text: string, what: string): string {
  const token = text.trim();
  if (/^rekey_[A-Za-z0-9_-]{43}$/.test(token)) return token;
  throw new Problem('usage', { message: `${what} is not a token of Rekey (rekey_…)`, hint: 'make one in the console: Settings, Tokens' });
}

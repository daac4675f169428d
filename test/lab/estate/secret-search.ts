// Looks for secrets in whatever the product left behind: files, tables, arguments; plain, quoted, percent-encoded, in hex and in base64 at every offset.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Hit = { readonly where: string; readonly whose: string };

/** Whose secret it is, by secret. Hits name the owner, never the value. */
export function searchFor(folder: string, secrets: ReadonlyMap<string, string>): (places: readonly string[]) => Hit[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const whose = new Map<string, string>();
  for (const [secret, owner] of secrets) for (const form of formsOf(secret)) whose.set(form, owner);
  const patterns = join(folder, 'patterns');
  writeFileSync(patterns, `${[...whose.keys()].join('\n')}\n`, { mode: 0o600 });
  return (places) => {
    const args = ['-r', '-a', '-o', '-H', '-F', '-D', 'skip', '-f', patterns, '--null', '--', ...places];
    const { status, stdout, stderr } = spawnSync('grep', args, {
      env: { ...process.env, LC_ALL: 'C' },
      maxBuffer: 2 ** 28,
      encoding: 'latin1',
    });
    if (status !== 0 && status !== 1) throw new Error(`grep: ${stderr}`);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [where = '', found = ''] = line.split('\0');
        return { where, whose: whose.get(found) ?? 'unknown' };
      });
  };
}

/** A secret inside a longer text that is encoded as a whole starts at one of three places of a base64 group. */
function formsOf(secret: string): Set<string> {
  const bytes = Buffer.from(secret, 'utf8');
  const shifted = [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replaceAll('=', '');
    // The first and last group also hold neighbours' bits.
    const core = text.slice(shift === 0 ? 0 : 4, -2);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
  const hex = bytes.toString('hex');
  const utf16 = [...secret].join('\\u0000');
  return new Set([
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll("'", "''"),
    hex,
    hex.toUpperCase(),
    utf16,
    ...shifted,
  ]);
}

/** Every argument list seen on the machine while it ran. */
export function watchArguments(): { stop(): readonly string[] } {
  const seen = new Set<string>();
  const look = (): void => {
    for (const pid of readdirSync('/proc')) {
      if (!/^\d+$/.test(pid)) continue;
      try {
        seen.add(readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' '));
      } catch {} // It has ended.
    }
  };
  const timer = setInterval(look, 50);
  return {
    stop: () => {
      clearInterval(timer);
      return [...seen];
    },
  };
}

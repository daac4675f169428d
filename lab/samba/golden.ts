// Golden copies: a domain is provisioned once for each recipe and machine, then unpacked. Keyed by the recipe, so a changed recipe is never served old.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sambaVersion } from './controller.ts';

const recipe = fileURLToPath(new URL('.', import.meta.url));
const cache = (): string => process.env.REKEY_LAB_CACHE ?? join(tmpdir(), 'rekey-lab-cache');

function keyOf(what: object): string {
  const digest = createHash('sha256').update(JSON.stringify(what)).update(sambaVersion());
  for (const file of readdirSync(recipe).sort()) digest.update(file).update(readFileSync(join(recipe, file)));
  return digest.digest('hex').slice(0, 20);
}

/** Fills `dir` from the copy of `what`, or by `make` and then keeps a copy. `make` leaves no process behind. */
export async function golden(dir: string, what: object, make: () => Promise<void>): Promise<'unpacked' | 'made'> {
  const archive = join(cache(), `samba-${keyOf(what)}.tar.zst`);
  mkdirSync(dir, { recursive: true });
  if (existsSync(archive)) {
    execFileSync('tar', ['--zstd', '--xattrs', '--acls', '-xpf', archive, '-C', dir], { stdio: ['ignore', 'ignore', 'pipe'] });
    return 'unpacked';
  }
  await make();
  mkdirSync(cache(), { recursive: true });
  const part = `${archive}.${process.pid}`;
  try {
    // Sockets and logs of the making are nobody's.
    execFileSync(
      'tar',
      [
        '--zstd',
        '--xattrs',
        '--acls',
        '--exclude=*/run/*',
        '--exclude=*/log/*',
        '--exclude=*/ncalrpc/*',
        '--exclude=*/ntp/*',
        '-cpf',
        part,
        '-C',
        dir,
        '.',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    renameSync(part, archive);
  } finally {
    rmSync(part, { force: true });
  }
  return 'made';
}

// Compiles src/ to dist/, copies the SQL migrations and the templates of notices beside what reads them, and builds the console. Does nothing where
// dist/ is newer than every source. --no-console: what the generators need.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildConsole } from './build-console.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...p) => join(root, ...p);
const stamp = at('dist', '.built');
const newest = (dir) =>
  readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((e) => e.isFile() && !e.name.endsWith('.test.ts'))
    .reduce((t, e) => Math.max(t, statSync(join(e.parentPath ?? e.path, e.name)).mtimeMs), 0);
const sources = Math.max(newest(at('src')), statSync(at('tsconfig.build.json')).mtimeMs, statSync(at('tsconfig.json')).mtimeMs);
if (!(existsSync(stamp) && statSync(stamp).mtimeMs >= sources)) {
  // A dist/ that somebody removed leaves tsc's incremental record saying "nothing to emit": drop the record with it.
  if (!existsSync(stamp)) rmSync(at('.cache', 'build.tsbuildinfo'), { force: true });
  try {
    execFileSync(process.execPath, [at('node_modules', 'typescript', 'bin', 'tsc'), '-p', at('tsconfig.build.json')], {
      stdio: ['ignore', 2, 2],
    });
  } catch {
    process.stderr.write('build: type errors above; nothing was run\n');
    process.exit(1);
  }
  mkdirSync(at('dist', 'store'), { recursive: true });
  // One that was renamed before it was released would stand there under both names.
  rmSync(at('dist', 'store', 'migrations'), { recursive: true, force: true });
  cpSync(at('src', 'store', 'migrations'), at('dist', 'store', 'migrations'), { recursive: true });
  cpSync(at('src', 'notify', 'templates'), at('dist', 'notify', 'templates'), { recursive: true });
  writeFileSync(stamp, '');
  utimesSync(stamp, new Date(), new Date(sources + 1));
}
if (!process.argv.includes('--no-console') && !buildConsole(root)) {
  process.stderr.write('build: the console was not built, errors above\n');
  process.exit(1);
}

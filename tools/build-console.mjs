// Builds console/ into dist/console, with every text packed beside it. Does nothing when the build is newer than every source.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** Under a kilobyte the header of the packed form costs more than it saves. */
const smallest = 1024;
/** The page itself is not packed: the server puts a nonce into it. */
const packed = /\.(?:js|css|svg|json|map|txt|webmanifest)$/;

const filesOf = (dir) =>
  readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

/** Returns false when vite found errors, which it has printed. */
export function buildConsole(root) {
  const folder = join(root, 'console');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  if (!existsSync(join(folder, 'index.html')) || !existsSync(vite)) return true;
  const out = join(root, 'dist', 'console');
  const stamp = join(out, '.built');
  const sources = ['src', 'public']
    .map((name) => join(folder, name))
    .filter(existsSync)
    .flatMap(filesOf)
    .filter((file) => !/\.test\.tsx?$/.test(file))
    .concat(['index.html', 'vite.config.ts', 'package.json'].map((name) => join(folder, name)));
  const newest = Math.max(...sources.map((file) => statSync(file).mtimeMs));
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= newest) return true;
  try {
    execFileSync(process.execPath, [vite, 'build', '--logLevel', 'error'], { cwd: folder, stdio: ['ignore', 2, 2], timeout: 300_000 });
  } catch {
    return false;
  }
  for (const file of filesOf(out).filter((name) => packed.test(name))) {
    const bytes = readFileSync(file);
    if (bytes.length < smallest) continue;
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
    writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }));
  }
  writeFileSync(stamp, '');
  utimesSync(stamp, new Date(), new Date(newest + 1));
  return true;
}

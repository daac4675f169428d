// `npm run bench -- NAME`: compiles and runs one bench; each prints NDJSON and its last line is the figure. Compiled, because that is what is shipped:
// the loader that runs TypeScript directly names every closure at run time, which costs our code and not the reference's.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [name, ...rest] = process.argv.slice(2);
const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => join(root, ...parts);
if (!name || !existsSync(at('bench', `${name}.ts`))) {
  const names = readdirSync(at('bench')).filter((f) => f.endsWith('.ts') && f !== 'child.ts');
  process.stderr.write(`usage: npm run bench -- NAME   (${names.map((f) => f.slice(0, -3)).join(', ')})\n`);
  process.exit(2);
}
const out = at('.cache', 'bench');
if (!existsSync(out)) rmSync(at('.cache', 'bench.tsbuildinfo'), { force: true });
try {
  execFileSync(process.execPath, [at('node_modules', 'typescript', 'bin', 'tsc'), '-p', at('tsconfig.bench.json')], {
    stdio: ['ignore', 2, 2],
  });
} catch {
  process.stderr.write('bench: type errors above; nothing was run\n');
  process.exit(1);
}
cpSync(at('src', 'store', 'migrations'), join(out, 'src', 'store', 'migrations'), { recursive: true });
cpSync(at('package.json'), join(out, 'package.json'));
const child = spawn(process.execPath, [join(out, 'bench', `${name}.js`), ...rest], { stdio: 'inherit' });
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));

// `npm run bench -- NAME`: runs one bench; each prints NDJSON and its last line is the figure.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [name, ...rest] = process.argv.slice(2);
const folder = fileURLToPath(new URL('.', import.meta.url));
const file = `${folder}${name}.ts`;
if (!name || !existsSync(file)) {
  const names = readdirSync(folder)
    .filter((f) => f.endsWith('.ts'))
    .map((f) => f.slice(0, -3));
  process.stderr.write(`usage: npm run bench -- NAME   (${names.join(', ')})\n`);
  process.exit(2);
}
const child = spawn(process.execPath, ['--import', 'tsx', file, ...rest], { stdio: 'inherit' });
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));

// Writes every generated file from the code that owns it; with --check it writes nothing and names the files that differ.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { apiFiles } from './gen/api.mjs';
import { connectorDocs } from './gen/connector-docs.mjs';
import { connectorIds, loadConnectors, registrySource } from './gen/registry.mjs';
import { trapsPage } from './gen/traps.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');
const build = () =>
  spawnSync(process.execPath, [join(root, 'tools', 'build.mjs'), '--no-console'], { stdio: ['ignore', 2, 2] }).status === 0;
const differing = [];

/** Pages are kept in the form the formatter of the repository wants, or `npm run lint` and this tool would undo each other. */
function formatted(file, content) {
  if (!file.endsWith('.md')) return content;
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const run = spawnSync(process.execPath, [biome, 'format', `--stdin-file-path=${file}`], { cwd: root, input: content, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`${file} cannot be formatted: ${run.stderr}`);
  return run.stdout;
}

function put(file, raw) {
  const content = formatted(file, raw);
  const path = join(root, file);
  if (existsSync(path) && readFileSync(path, 'utf8') === content) return;
  differing.push(file);
  if (check) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

// The registry comes first: it is read from the folders alone, and the rest is read from code that is compiled with it.
const ids = connectorIds(root);
put('src/connectors/registry.gen.ts', registrySource(ids));
// tsc emits in spite of type errors. A command that no longer fits the API types must not keep the API types from being written.
if (!build()) {
  if (check) process.exit(1);
  process.stderr.write('gen: type errors above; the generated files come from what was compiled\n');
}
const connectors = await loadConnectors(root, ids);
for (const [file, content] of connectorDocs(connectors)) put(file, content);
put('docs/traps.md', trapsPage(root, connectors));
for await (const [file, content] of apiFiles(root, connectors)) put(file, content);

if (check && differing.length > 0) {
  process.stderr.write(
    `gen: these files are not what the code generates; run "npm run gen" and commit them:\n${differing.map((f) => `  ${f}\n`).join('')}`,
  );
  process.exit(1);
}
process.stdout.write(
  differing.length === 0 ? 'gen: all generated files are up to date\n' : differing.map((f) => `gen: wrote ${f}\n`).join(''),
);

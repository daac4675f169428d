// Scaffolds src/connectors/<id>/ from tools/new-connector/: a connector that works against a small TCP target, its tests and its fixture.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exportName } from './gen/registry.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [id, ...more] = process.argv.slice(2);

function stop(message) {
  process.stderr.write(`new-connector: ${message}\n`);
  process.exit(2);
}

if (id === undefined || more.length > 0) stop('usage: node tools/new-connector.mjs ID');
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id))
  stop(`"${id}" is no connector id: lower-case words joined by hyphens, as in acme-vault; it is permanent`);
const folder = join(root, 'src', 'connectors', id);
if (existsSync(folder)) stop(`src/connectors/${id} is there already`);

const title = id.replaceAll('-', ' ').replace(/^./, (letter) => letter.toUpperCase());
const fill = (text) => text.replaceAll('__id__', id).replaceAll('__export__', exportName(id)).replaceAll('__title__', title);
const templates = join(root, 'tools', 'new-connector');
mkdirSync(folder);
for (const name of readdirSync(templates).sort()) {
  const file = fill(name.replace(/\.txt$/, ''));
  writeFileSync(join(folder, file), fill(readFileSync(join(templates, name), 'utf8')));
  process.stdout.write(`src/connectors/${id}/${file}\n`);
}
// The id decides where lines break and how imports sort.
spawnSync(process.execPath, [join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome'), 'check', '--write', folder], {
  cwd: root,
  stdio: 'ignore',
});
process.stdout.write(`next: npm run gen, then npx vitest run --project contract test/contract/connectors.test.ts -t ${id}\n`);

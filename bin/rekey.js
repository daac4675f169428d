#!/usr/bin/env node
// The command `rekey`: runs the built program; in a fresh clone it builds once first.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/cli/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write('rekey: first start in this clone, building (about 20 s)…\n');
  execFileSync(process.execPath, [fileURLToPath(new URL('../tools/build.mjs', import.meta.url))], { stdio: ['ignore', 2, 2] });
}
const { main: run } = await import(main.href);
process.exitCode = await run(process.argv.slice(2));

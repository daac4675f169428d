// Where a file of this folder lies that runs in its own process or thread, from dist/ (.js) as well as from src/ (.ts, loaded by tsx).
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

const fromSource = import.meta.url.endsWith('.ts');
const fileOf = (name: string): URL => new URL(`./${name}.${fromSource ? 'ts' : 'js'}`, import.meta.url);
const tsx = (path: string): string => {
  const folder = dirname(createRequire(import.meta.url).resolve('tsx/package.json'));
  return pathToFileURL(join(folder, 'dist', path)).href;
};

export function sourceLoader(name: string): { entry: string; execArgv: string[] } {
  return { entry: fileURLToPath(fileOf(name)), execArgv: fromSource ? ['--import', tsx('loader.mjs')] : [] };
}

/** A worker does not take `--import tsx` on Node 20 (its hooks are not registered there), so a line of script registers them first. */
export function startThread(name: string, options: WorkerOptions): Worker {
  const clean = { execArgv: [], ...options };
  if (!fromSource) return new Worker(fileOf(name), clean);
  const script = `import(${JSON.stringify(tsx('esm/api/index.mjs'))}).then(({ register }) => { register(); return import(${JSON.stringify(fileOf(name).href)}); })`;
  return new Worker(script, { ...clean, eval: true });
}

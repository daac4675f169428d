// The lab's workload and its health check as plain scripts: twenty of them start in a second instead of twenty.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export type Scripts = { readonly live: string; readonly health: string };

/** Written as JavaScript beside each other; packages by full address, as the folder has none of its own. */
export function writeScripts(folder: string): Scripts {
  mkdirSync(folder, { recursive: true });
  const written = (from: URL): string => {
    const name = `${from.pathname.split('/').at(-1)?.replace(/\.ts$/, '')}.mjs`;
    const { outputText } = ts.transpileModule(readFileSync(from, 'utf8'), {
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
    });
    const text = outputText
      .replace(/(from |import\()'\.(?:[^']*\/)?([^/']+)\.ts'/g, (_, how, file) => `${how}'./${file}.mjs'`)
      .replace(/(from |import\()'(pg|ldapts|yaml)'/g, (_, how, name) => `${how}'${import.meta.resolve(name)}'`);
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const lab = (name: string): string => written(new URL(`../../../lab/${name}`, import.meta.url));
  lab('credential-file.ts');
  lab('process.ts');
  return { live: lab('live-client.ts'), health: written(new URL('health.ts', import.meta.url)) };
}

export type Workload = { readonly pid: number; stop(): Promise<void> };

/** `pidFile` is written as a supervisor would. */
export function startWorkload(scripts: Scripts, args: readonly string[], pidFile: string): Workload {
  const child = spawn(process.execPath, [scripts.live, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const pid = child.pid as number;
  writeFileSync(pidFile, `${pid}\n`);
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    pid,
    stop: async () => {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await gone;
      clearTimeout(late);
    },
  };
}

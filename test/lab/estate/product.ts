// The built command in a folder of its own, run as its users run it. Everything it says is kept, for the search for secrets.
import { type ChildProcess, execFile } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Ran = {
  readonly argv: readonly string[];
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  readonly ms: number;
};
export type Started = { readonly child: ChildProcess; readonly ended: Promise<Ran> };
export type Product = {
  /** Everything said so far, without what `reveal` was asked to print. */
  readonly transcript: Ran[];
  start(cwd: string, ...argv: string[]): Started;
  run(cwd: string, ...argv: string[]): Promise<Ran>;
  /** Runs with --json and gives `data`; throws with what was said when the exit code is another one. */
  json<T>(cwd: string, exit: number, ...argv: string[]): Promise<T>;
};

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A copy: a build made while the test runs changes nothing under it. */
export function installProduct(folder: string, env: Readonly<Record<string, string>>, longestMs = 240_000): Product {
  mkdirSync(folder, { recursive: true });
  for (const part of ['bin', 'dist', 'schema', 'package.json']) cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const bin = join(folder, 'bin', 'rekey.js');
  const transcript: Ran[] = [];
  const { PATH = '/usr/bin:/bin', HOME = folder } = process.env;

  function start(cwd: string, ...argv: string[]): Started {
    const began = performance.now();
    let child: ChildProcess | undefined;
    const ended = new Promise<Ran>((resolve) => {
      child = execFile(
        process.execPath,
        [bin, ...argv],
        { cwd, env: { PATH, HOME, LANG: 'C.UTF-8', ...env }, maxBuffer: 2 ** 28, timeout: longestMs },
        (_error, out, err) => {
          const ran = { argv, exit: child?.exitCode ?? -1, out, err, ms: Math.round(performance.now() - began) };
          if (argv[0] !== 'reveal') transcript.push(ran);
          resolve(ran);
        },
      );
      child.stdin?.end();
    });
    return { child: child as ChildProcess, ended };
  }
  const run = (cwd: string, ...argv: string[]): Promise<Ran> => start(cwd, ...argv).ended;
  return {
    transcript,
    start,
    run,
    async json<T>(cwd: string, exit: number, ...argv: string[]): Promise<T> {
      const ran = await run(cwd, ...argv, '--json');
      if (ran.exit !== exit)
        throw new Error(`rekey ${argv.join(' ')}: exit ${ran.exit}, expected ${exit}\n${ran.err}\n${ran.out.slice(0, 4000)}`);
      return (JSON.parse(ran.out) as { data: T }).data;
    },
  };
}

// The sweep over every connector at as many points as are asked for: the suite of CI, longer. Its lines are this bench's lines.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const counts = ['points', 'deaths', 'swallowed', 'lost', 'orphans', 'stale', 'unresolved', 'rewrites', 'astray'] as const;
export type Line = { readonly connector: string } & { readonly [count in (typeof counts)[number]]: number };

/** `which`: `all`, or connectors with commas between them. Needs the source tree as its working directory, as `npm run` gives it. */
export async function sweepConnectors(
  which: string,
  points: number,
): Promise<{ readonly lines: readonly Line[]; readonly passed: boolean }> {
  const dir = mkdtempSync(join(tmpdir(), 'rekey-crash-'));
  const log = join(dir, 'sweep.ndjson');
  writeFileSync(log, '');
  const env = {
    ...process.env,
    REKEY_SWEEP_POINTS: String(points),
    REKEY_SWEEP_LOG: log,
    ...(which === 'all' ? {} : { REKEY_SWEEP_CONNECTORS: which }),
  };
  const suite = ['run', '--project', 'crash', '--testTimeout', '7200000', 'test/crash/every-connector.test.ts'];
  const child = spawn(process.execPath, [join('node_modules', 'vitest', 'vitest.mjs'), ...suite], { env, stdio: ['ignore', 2, 2] });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  const lines = readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line); // written by the suite
  rmSync(dir, { recursive: true, force: true });
  return { lines, passed: code === 0 };
}

export function sumOf(lines: readonly Line[]): object {
  return Object.fromEntries(counts.map((count) => [count, lines.reduce((n, line) => n + line[count], 0)]));
}

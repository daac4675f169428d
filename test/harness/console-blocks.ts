// The ```console blocks of a document, typed into one shell: each command must end, and print, as the document says.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export type Step = { readonly line: number; readonly command: string; readonly shown: string[]; readonly exit: number };

/** A `$ ` line with its `> ` continuations, what it prints (… for anything), and `exit N` where that is not 0. */
export function stepsIn(text: string, name: string): Step[] {
  const steps: Step[] = [];
  let inside = false;
  for (const [n, line] of text.split('\n').entries()) {
    if (/^\s*```/.test(line)) inside = line.trim() === '```console';
    else if (!inside || line.trim() === '') continue;
    else if (line.startsWith('$ ')) steps.push({ line: n + 1, command: line.slice(2), shown: [], exit: 0 });
    else {
      const last = steps.pop();
      if (last === undefined) throw new Error(`${name}:${n + 1}: output before the first command`);
      const exit = /^exit (\d+)$/.exec(line)?.[1];
      if (exit !== undefined) steps.push({ ...last, exit: Number(exit) });
      else if (line.startsWith('> ')) steps.push({ ...last, command: `${last.command}\n${line.slice(2)}` });
      else steps.push({ ...last, shown: [...last.shown, line] });
    }
  }
  return steps;
}

export type Played = { readonly name: string; readonly folder: string; readonly env?: Readonly<Record<string, string>> };

/** One shell for all of them, so that `cd` and variables last. What did not go as documented, up to the first that did not. */
export async function play(steps: readonly Step[], { name, folder, env: more = {} }: Played): Promise<string[]> {
  const log = mkdtempSync(join(tmpdir(), 'rekey-docs-log-'));
  const out = (n: number, what: 'out' | 'exit'): string => join(log, `${n}.${what}`);
  try {
    const script = steps.map(({ command }, n) => `{ ${command}\n} >"${out(n, 'out')}" 2>&1 </dev/null; echo $? >"${out(n, 'exit')}"`);
    writeFileSync(join(log, 'script'), script.join('\n'));
    const { REKEY_URL: _url, REKEY_ESTATE: _estate, ...env } = process.env;
    const around = { ...env, REKEY_HOME: root, PATH: `${rekeyIn(log)}:${process.env.PATH}`, LC_ALL: 'C.UTF-8', TZ: 'UTC', ...more };
    await new Promise<void>((done) => {
      execFile('bash', [join(log, 'script')], { cwd: folder, env: around, timeout: 900_000 }, () => done());
    });
    for (const [n, { line, command, shown, exit }] of steps.entries()) {
      const place = `${name}:${line}: ${command}`;
      const ended = existsSync(out(n, 'exit')) ? Number(readFileSync(out(n, 'exit'), 'utf8')) : -1;
      const printed = existsSync(out(n, 'out')) ? readFileSync(out(n, 'out'), 'utf8') : '';
      if (ended !== exit) return [`${place}\n  documented exit ${exit}, was ${ended}\n${printed}`];
      const missing = shown.filter((text) => !pattern(text).test(printed));
      if (missing.length > 0) return missing.map((text) => `${place}\n  documented but not printed: ${text}\n${printed}`);
    }
    return [];
  } finally {
    rmSync(log, { recursive: true, force: true });
  }
}

/** A folder with the built command; one that hangs is a failure that says so. */
function rekeyIn(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'rekey'), `#!/bin/sh\nexec timeout -k 5 120 "${process.execPath}" "${join(root, 'bin', 'rekey.js')}" "$@"\n`, {
    mode: 0o755,
  });
  return bin;
}

const pattern = (text: string): RegExp =>
  new RegExp(
    text
      .trim()
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ +/g, '\\s+'))
      .join('.*'),
  );

// What the documents tell people to type is typed here: every command exists, and every console block runs and ends as it says.
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from '../../src/cli/cli.ts';
import { house } from '../../src/cli/open.ts';
import { programOf } from '../../src/cli/program.ts';
import { processTerminal } from '../../src/cli/terminal.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const at = (...parts: string[]): string => join(root, ...parts);
const markdown = (folder: string): string[] =>
  readdirSync(at(folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const documents = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...markdown('docs'),
  ...markdown('adr'),
  ...markdown('examples'),
].sort();
const runbooks = documents.filter((name) => dirname(name) === join('docs', 'runbooks'));

type Step = { readonly line: number; readonly command: string; readonly shown: string[]; exit: number };

/** The steps of all ```console blocks: a `$ ` line with its `> ` continuations, what it prints (… for anything), and `exit N` where that is not 0. */
function stepsOf(file: string): Step[] {
  const steps: Step[] = [];
  let inside = false;
  readFileSync(at(file), 'utf8')
    .split('\n')
    .forEach((line, n) => {
      if (/^\s*```/.test(line)) inside = line.trim() === '```console';
      else if (!inside) return;
      else if (line.startsWith('$ ')) steps.push({ line: n + 1, command: line.slice(2), shown: [], exit: 0 });
      else {
        const step = steps.at(-1);
        if (step === undefined) throw new Error(`${file}:${n + 1}: output before the first command`);
        const exit = /^exit (\d+)$/.exec(line)?.[1];
        if (exit !== undefined) step.exit = Number(exit);
        else if (line.startsWith('> ')) Object.assign(step, { command: `${step.command}\n${line.slice(2)}` });
        else if (line.trim() !== '') step.shown.push(line);
      }
    });
  return steps;
}

/** Each `rekey …` of this document, typed in a fenced block or named in a sentence, as words. */
function commandsIn(file: string): { readonly line: number; readonly words: string[] }[] {
  let inside = false;
  return readFileSync(at(file), 'utf8')
    .split('\n')
    .flatMap((line, n) => {
      if (/^\s*```/.test(line)) {
        inside = /^\s*```(console|sh)$/.test(line);
        return [];
      }
      const named = [...line.matchAll(/`(rekey [^`]+)`/g)].map(([, text = '']) => text).join('; ');
      const typed = inside ? line.replace(/^(\$|>) /, '').replace(/\s+#.*$/, '') : named;
      return [...typed.matchAll(/(?:^|\$\(|[|&;] )(?:REKEY_\w+=\S+ )?rekey ([^|&;)]*)/g)].map(([, rest = '']) => ({
        line: n + 1,
        words: [...rest.matchAll(/'[^']*'|"[^"]*"|\S+/g)].map(([word]) => word),
      }));
    });
}

/** Undefined = the command and each of its flags exist. */
function unknownIn(program: Command, words: readonly string[]): string | undefined {
  let command = program;
  for (const [n, word] of words.entries()) {
    const sub = command.commands.find((known) => known.name() === word);
    if (sub !== undefined && !words.slice(0, n).some((before) => before.startsWith('-'))) command = sub;
    else if (n === 0 && !word.startsWith('-')) return word;
    else if (/^--?[a-z]/.test(word)) {
      const flag = word.replace(/=.*$/, '');
      if (!['-h', '--help', '--version', '-V'].includes(flag) && !command.options.some((o) => o.long === flag || o.short === flag))
        return flag;
    }
  }
  return command.commands.length > 0 && command !== program && command.registeredArguments.length === 0 && !canRun(command)
    ? words.join(' ')
    : undefined;
}
/** `rekey plan` is a command with subcommands of its own; `rekey run` is only a group. */
const canRun = (command: Command): boolean => command.options.some((o) => o.long === '--where');

const stamp = (text: string): RegExp =>
  new RegExp(
    text
      .trim()
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ +/g, '\\s+'))
      .join('.*'),
  );

/** Runs the steps in one shell, so that `cd` and variables last, and says what did not go as documented. */
async function play(file: string, folder: string): Promise<string[]> {
  const steps = stepsOf(file);
  const log = mkdtempSync(join(tmpdir(), 'rekey-docs-log-'));
  const script = steps.map((step, n) => `{ ${step.command}\n} >"$LOG/${n}.out" 2>&1 </dev/null; echo $? >"$LOG/${n}.exit"`).join('\n');
  writeFileSync(join(log, 'script'), script);
  const { REKEY_URL: _url, REKEY_ESTATE: _estate, ...env } = process.env;
  await new Promise<void>((done) => {
    execFile(
      'bash',
      [join(log, 'script')],
      {
        cwd: folder,
        env: { ...env, LOG: log, REKEY_HOME: root, PATH: `${bin}:${process.env.PATH}`, LANG: 'C.UTF-8', TZ: 'UTC' },
        timeout: 900_000,
      },
      () => done(),
    );
  });
  const wrong: string[] = [];
  for (const [n, step] of steps.entries()) {
    const place = `${file}:${step.line}: ${step.command}`;
    const exit = existsSync(join(log, `${n}.exit`)) ? Number(readFileSync(join(log, `${n}.exit`), 'utf8')) : -1;
    const out = existsSync(join(log, `${n}.out`)) ? readFileSync(join(log, `${n}.out`), 'utf8') : '';
    if (exit !== step.exit) wrong.push(`${place}\n  documented exit ${step.exit}, was ${exit}\n${out}`);
    else for (const line of step.shown) if (!stamp(line).test(out)) wrong.push(`${place}\n  documented but not printed: ${line}\n${out}`);
    if (wrong.length > 0) break;
  }
  rmSync(log, { recursive: true, force: true });
  return wrong;
}

const work = mkdtempSync(join(tmpdir(), 'rekey-docs-'));
const bin = join(work, 'bin');
const long = 900_000;
const able = ['bash', 'ssh-keygen', 'sed', 'cmp'].every((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0);

beforeAll(() => {
  mkdirSync(bin);
  // A command that hangs is a failure that says so.
  writeFileSync(join(bin, 'rekey'), `#!/bin/sh\nexec timeout -k 5 120 "${process.execPath}" "${at('bin', 'rekey.js')}" "$@"\n`, {
    mode: 0o755,
  });
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('documents', () => {
  it('name no command and no flag that does not exist', async () => {
    const program = await programOf(new Cli(processTerminal(), house, { tree: programOf, run: async () => 0 }), 'all');
    const typed = documents.flatMap((file) => commandsIn(file).map((c) => ({ file, ...c })));
    expect(typed.length).toBeGreaterThan(60);
    const wrong = typed.flatMap(({ file, line, words }) => {
      const unknown = unknownIn(program, words);
      return unknown === undefined ? [] : [`${file}:${line}: ${unknown}`];
    });
    expect(wrong).toEqual([]);
    for (const bad of [['aply'], ['apply', 'x', '--yess'], ['run', '--reason', 'x'], ['run', 'shw', 'R-1']])
      expect(unknownIn(program, bad)).toBeDefined();
  });

  it('link to files that are there', () => {
    const dead = documents.flatMap((file) =>
      [...readFileSync(at(file), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map(([, target = '']) => join(dirname(at(file)), target))
        .filter((target) => !existsSync(target))
        .map((target) => `${file} → ${relative(root, target)}`),
    );
    expect(dead).toEqual([]);
  });

  it('name no path, host or port of the machine they were written on', () => {
    for (const file of [...documents, 'examples/twin-estate/rekey.yaml', 'examples/corp/rekey.yaml'])
      expect(readFileSync(at(file), 'utf8'), file).not.toMatch(/\/(work|tmp|home|root)\/(main|shared|[a-z]+\/)|registry\./);
  });
});

describe('examples', () => {
  it.each(['twin-estate', 'corp'])('%s is a valid estate', async (name) => {
    const { warnings } = await house.inspectEstate(at('examples', name), {});
    // Unset variables and absent CA files belong to the reader's machine; anything else is our mistake.
    expect(warnings.filter((w) => !/is not set|does not exist|cannot be read|no such file|not there/i.test(w.message))).toEqual([]);
  });
});

describe.skipIf(!able)('console blocks', () => {
  const prepared = join(work, 'prepared');

  it('a step that ends otherwise than documented, prints something else or never came is reported', async () => {
    const report = async (block: string): Promise<string> => {
      writeFileSync(join(work, 'page.md'), `\`\`\`console\n${block}\n\`\`\`\n`);
      return (await play(relative(root, join(work, 'page.md')), work)).join('\n');
    };
    expect(await report('$ X=1\n$ echo "a $X   b"\na 1 …b\n$ false\nexit 1')).toBe('');
    expect(await report('$ false')).toContain('documented exit 0, was 1');
    expect(await report('$ echo no\nyes')).toContain('documented but not printed: yes');
    expect(await report('$ exit 3\n$ true')).toContain('was -1');
  });

  it(
    'the own-estate path of README.md runs to verified evidence',
    async () => {
      const folder = join(work, 'readme');
      mkdirSync(folder);
      expect(stepsOf('README.md').length).toBeGreaterThanOrEqual(10);
      expect(await play('README.md', folder)).toEqual([]);
    },
    long,
  );

  it(
    'docs/quickstart.md runs as written, with the output it shows',
    async () => {
      mkdirSync(prepared);
      expect(await play(join('docs', 'quickstart.md'), prepared)).toEqual([]);
    },
    long,
  );

  it.each(runbooks)(
    '%s runs on the estate of the quickstart',
    async (file) => {
      const folder = join(work, file.replaceAll('/', '-'));
      cpSync(prepared, folder, { recursive: true });
      expect(stepsOf(file).length).toBeGreaterThan(0);
      expect(await play(file, join(folder, 'northwind'))).toEqual([]);
    },
    long,
  );
});

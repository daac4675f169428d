// The references say what the program does, both ways: every code documented, nothing documented that is not there.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Cli } from '../../src/cli/cli.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { commands, programOf } from '../../src/cli/program.ts';
import { processTerminal } from '../../src/cli/terminal.ts';
import { Problem, type ProblemCode, problems } from '../../src/domain/problem.ts';
import { FakeServices } from './fake-services.ts';
import { estateFolder, FakeHouse, rekey } from './rekey.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const house = new FakeHouse(new FakeServices());
const run = (...argv: string[]) => rekey(house, estateFolder(), argv);
const codes = Object.keys(problems) as ProblemCode[];

describe('docs/errors.md', () => {
  const text = read('docs/errors.md');

  it('has one section and one row per code, with its HTTP status and exit code, and no other', () => {
    const rows = [...text.matchAll(/^\| \[`([a-z-]+)`\]\(#([a-z-]+)\) *\| *(\d+) *\| *(\d+) *\|$/gm)].map(
      ([, code, anchor, status, exit]) => [code, anchor, Number(status), Number(exit)],
    );
    expect(rows).toEqual(codes.map((code) => [code, code, problems[code].status, problems[code].exit]));
    const sections = [...text.matchAll(/^## (.+)\n+(.+)$/gm)];
    expect(sections.map(([, code]) => code)).toEqual(codes);
    for (const [, code, body] of sections) expect(body?.length, code).toBeGreaterThan(40);
  });
});

describe('docs/exit-codes.md', () => {
  const text = read('docs/exit-codes.md');
  const rows = [...text.matchAll(/^\| *(\d+) *\| *(.+?) *\|(.*)\|$/gm)].map(([, exit, meaning, list]) => ({
    exit: Number(exit),
    meaning,
    codes: [...(list ?? '').matchAll(/`([a-z-]+)`/g)].map(([, code]) => code),
  }));

  it('is the table of `rekey help exit-codes`', async () => {
    expect(rows).toEqual(exitCodes.map((row) => ({ ...row, codes: [...row.codes] })));
    const shown = JSON.parse((await run('help', 'exit-codes', '--json')).out).data;
    expect(shown).toEqual(exitCodes);
  });

  it('names every problem code once, at its exit code', () => {
    expect(rows.flatMap((row) => row.codes.map((code) => [code, row.exit])).sort()).toEqual(
      codes.map((code) => [code, problems[code].exit]).sort(),
    );
  });
});

describe('exit codes', () => {
  it.each(codes)(
    'a service that refuses with %s ends the command with its exit code, on stderr with place and next step',
    async (code) => {
      const services = new FakeServices();
      services.runs = async () => {
        throw new Problem(code, { place: 'rekey.yaml:1:2', message: 'what happened', hint: 'rekey do this' }, [
          { place: 'a:1', message: 'one' },
          { place: 'b:2', message: 'two' },
        ]);
      };
      const cwd = estateFolder();
      const ran = await rekey(new FakeHouse(services), cwd, ['run', 'ls']);
      expect(ran.exit).toBe(problems[code].exit);
      expect(ran.out).toBe('');
      // An internal error names its request, so that the log can be searched.
      expect(ran.err.replace(/ \(request [0-9a-f-]{36}\)/, '')).toBe(
        `error: rekey.yaml:1:2: what happened [${code}]\n  a:1: one\n  b:2: two\nnext: rekey do this\n`,
      );
      const json = await rekey(new FakeHouse(services), cwd, ['run', 'ls', '--json']);
      expect([json.exit, JSON.parse(json.out).data.code]).toEqual([problems[code].exit, code]);
    },
    30_000,
  );

  it('an error nobody foresaw is 1 and keeps its text to itself, unless REKEY_DEBUG asks for it', async () => {
    const broken = new FakeHouse(new FakeServices());
    broken.openEstate = async () => {
      throw new TypeError('cannot read hunter2 of undefined');
    };
    const cwd = estateFolder();
    const quiet = await rekey(broken, cwd, ['run', 'ls']);
    expect([quiet.exit, quiet.err.includes('hunter2')]).toEqual([1, false]);
    expect((await rekey(broken, cwd, ['run', 'ls'], { env: { REKEY_DEBUG: '1' } })).err).toContain('hunter2');
  });
});

describe('help', () => {
  it('every command starts its help with exactly three examples that it understands, and names its flags', async () => {
    const cli = new Cli(processTerminal(), house, { tree: programOf, run: async () => 0 });
    const program = await programOf(cli, 'all');
    const all = program.commands.flatMap((command) => [[command.name()], ...command.commands.map((sub) => [command.name(), sub.name()])]);
    expect(all.length).toBeGreaterThan(35);
    for (const path of all) {
      const { out, exit } = await run(...path, '--help');
      expect(exit, path.join(' ')).toBe(0);
      const [head = '', ...rest] = out.split('\n\n');
      expect(head.split('\n'), path.join(' ')).toHaveLength(4);
      expect(head, path.join(' ')).toMatch(/^Examples:\n/);
      expect(rest.join('\n'), path.join(' ')).toContain(`Usage: rekey ${path.join(' ')}`);
    }
  }, 120_000);

  it('a wrong command, subcommand or flag is 2 with the nearest right one', async () => {
    for (const [argv, near] of [
      [['acount', 'ls'], 'account'],
      [['run', 'watc', 'R-1'], 'watch'],
      [['run', 'ls', '--jsn'], '--json'],
      [['config', 'valdate'], 'validate'],
    ] as const) {
      const ran = await run(...argv);
      expect([ran.exit, ran.err], argv.join(' ')).toEqual([2, expect.stringContaining(`did you mean ${near}?`)]);
    }
    for (const argv of [
      ['run'],
      ['account'],
      ['import', 'owners'],
      ['apply'],
      ['account', 'ls'],
      ['completion', 'tcsh'],
      ['help', 'nothing'],
      ['run', 'ls', 'extra'],
    ]) {
      const ran = await run(...argv);
      expect([ran.exit, ran.err], argv.join(' ')).toEqual([2, expect.stringContaining('next: ')]);
    }
  });
});

describe('completion', () => {
  it('bash completes commands, subcommands and flags as the program has them', async () => {
    const script = (await run('completion', 'bash')).out;
    const complete = (...words: string[]) =>
      execFileSync(
        'bash',
        [
          '-c',
          `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _rekey; printf '%s\\n' "\${COMPREPLY[@]}"`,
          'bash',
          'rekey',
          ...words,
        ],
        { encoding: 'utf8' },
      )
        .split('\n')
        .filter((word) => word !== '');
    expect(complete('')).toEqual(commands.map(({ name }) => name));
    expect(complete('ha')).toEqual(['handover']);
    expect(complete('run', 'pa')).toEqual(['pause']);
    expect(complete('run', 'retry', '--st')).toEqual(['--state']);
    expect(complete('plan', '--wh')).toEqual(['--where']);
    expect(complete('apply', 'P-00000001', '--con')).toEqual(['--context', '--confirm']);
  });

  it('zsh and fish name the same commands and flags', async () => {
    for (const shell of ['zsh', 'fish']) {
      const script = (await run('completion', shell)).out;
      for (const { name } of commands) expect(script).toContain(name);
      for (const flag of ['accept-residual', 'detailed-exitcode', 'until-idle', 'signature']) expect(script).toContain(flag);
    }
  });
});

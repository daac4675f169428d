// What the documents name is there: every command and flag, every file they link to, every estate of the examples.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { Cli } from '../../src/cli/cli.ts';
import { house } from '../../src/cli/open.ts';
import { programOf } from '../../src/cli/program.ts';
import { processTerminal } from '../../src/cli/terminal.ts';
import { root } from '../harness/console-blocks.ts';

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

// How any error ends a command: place, message, the next step, and the exit code of its problem code.
import type { CommanderError } from 'commander';
import { Problem, problems } from '../domain/problem.ts';
import type { Cli } from './cli.ts';
import { clean, jsonText } from './terminal.ts';

/** At most this many findings on a terminal; --json has them all. */
const shownDetails = 50;

export function problemOf(error: unknown, env: Readonly<Record<string, string | undefined>>): Problem {
  if (error instanceof Problem) return error;
  const { message, stack, code } = error as { message?: string; stack?: string; code?: string };
  const known = typeof code === 'string' && /^E[A-Z]+$/.test(code); // ENOENT, EACCES, EISDIR of a file the user named
  return new Problem('internal', {
    message: env.REKEY_DEBUG ? (stack ?? String(message)) : known ? String(message) : 'an unexpected error',
    hint: env.REKEY_DEBUG ? 'report this with the steps that led here' : 'run again with REKEY_DEBUG=1 to see where it comes from',
  });
}

export async function failed(cli: Cli, error: unknown): Promise<number> {
  const problem = problemOf(error, cli.terminal.env);
  const { code, message, place, hint, details } = problem;
  if (cli.json)
    await cli.raw(
      `${jsonText({ apiVersion: 'rekey/v1', kind: 'Problem', data: { code, message, place: place ?? null, hint: hint ?? null, details }, warnings: cli.warnings }, 2)}\n`,
    );
  cli.say(problemText(cli, problem));
  return problems[code].exit;
}

function problemText(cli: Cli, { code, message, place, hint, details }: Problem): string {
  const { red, bold } = cli.colors(cli.terminal.stderr);
  const at = (where: string | undefined) => (where === undefined ? '' : `${clean(where)}: `);
  const multi = (said: string) => said.split('\n').map(clean).join('\n');
  const lines = [`${red('error:')} ${at(place)}${multi(message)} ${bold(`[${code}]`)}`];
  for (const detail of details.slice(0, shownDetails)) {
    lines.push(
      `  ${at(detail.place)}${multi(detail.message)}${detail.hint === undefined || detail.hint === hint ? '' : ` (${multi(detail.hint)})`}`,
    );
  }
  if (details.length > shownDetails) lines.push(`  and ${details.length - shownDetails} more: --json shows all`);
  if (hint !== undefined) lines.push(`next: ${multi(hint)}`);
  return lines.join('\n');
}

/** Commander's own refusals, in the same form. Its suggestion ("Did you mean …?") becomes the next step. */
export function usageProblem(error: CommanderError, path: string): Problem | undefined {
  if (error.exitCode === 0) return undefined;
  // Its help is on stderr already.
  if (error.code === 'commander.help') return new Problem('usage', { message: `${path} needs a subcommand`, hint: `${path} --help` });
  const [first = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const mean = /Did you mean (?:one of )?(.+)\?/.exec(suggestion ?? '')?.[1];
  return new Problem('usage', { message: first, hint: mean === undefined ? `${path} --help` : `did you mean ${mean}?` });
}

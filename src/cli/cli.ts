// What every command receives: the terminal, the house behind it, and how it may speak. stdout is data, stderr is everything else.
import { once } from 'node:events';
import type { Command } from 'commander';
import pc from 'picocolors';
import type { House } from './house.ts';
import { jsonText, type Terminal } from './terminal.ts';

export type Colors = ReturnType<typeof pc.createColors>;

/** The program as its own commands see it: completion and help read it, the demo runs it. */
export interface Program {
  /** With the named commands loaded in full. */
  tree(cli: Cli, loaded: readonly string[] | 'all'): Promise<Command>;
  run(argv: readonly string[], around: { readonly terminal: Terminal; readonly house: House }): Promise<number>;
}

export class Cli {
  readonly terminal: Terminal;
  readonly house: House;
  readonly program: Program;
  exit = 0;
  json = false;
  /** From --no-input, CI or REKEY_NO_INPUT: never wait for a person. */
  input = true;
  color = true;
  readonly warnings: string[] = [];

  constructor(terminal: Terminal, house: House, program: Program) {
    this.terminal = terminal;
    this.house = house;
    this.program = program;
  }

  /** Data, for people or for a pipe. Waits when the reader is slow, so that a long list stays flat in memory. */
  async out(text: string): Promise<void> {
    if (!this.terminal.stdout.write(this.#plain(text))) await once(this.terminal.stdout, 'drain');
  }

  /** Bytes as they are (a CSV, a message to sign). */
  async raw(data: string | Uint8Array): Promise<void> {
    if (!this.terminal.stdout.write(data)) await once(this.terminal.stdout, 'drain');
  }

  /** Progress, context, hints. Silent with --json, where `2>&1 | jq` must work. */
  say(text: string): void {
    if (!this.json) this.terminal.stderr.write(`${this.#plain(text)}\n`);
  }

  /** A warning reaches people on stderr and scripts in `warnings`. */
  warn(text: string): void {
    this.warnings.push(text);
    this.say(`${this.colors(this.terminal.stderr).yellow('warning:')} ${text}`);
  }

  async document(kind: string, data: unknown): Promise<void> {
    await this.raw(`${jsonText({ apiVersion: 'rekey/v1', kind, data, warnings: this.warnings }, 2)}\n`);
  }

  async line(value: unknown): Promise<void> {
    await this.raw(`${jsonText(value)}\n`);
  }

  colors(stream: { readonly isTTY?: boolean }): Colors {
    const { env } = this.terminal;
    return pc.createColors(this.color && stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb' && !this.json);
  }

  /** A person is there to answer. */
  get interactive(): boolean {
    return this.input && !this.json && this.terminal.stdin.isTTY === true && this.terminal.stderr.isTTY === true;
  }

  /** Lines may be rewritten in place. */
  get animated(): boolean {
    return !this.json && this.terminal.stderr.isTTY === true && this.terminal.env.TERM !== 'dumb' && !this.terminal.env.CI;
  }

  /** Where the locale is not UTF-8 our own glyphs become ASCII; names from targets stay as they are. */
  #plain(text: string): string {
    const { TERM, LC_ALL, LC_CTYPE, LANG } = this.terminal.env;
    if (TERM !== 'dumb' && /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '')) return text;
    return text.replace(/[—…→↻✔✘█░·×]/g, (glyph) => ascii[glyph] ?? '?');
  }
}

const ascii: Readonly<Record<string, string>> = {
  '—': '-',
  '…': '...',
  '→': '->',
  '↻': '@',
  '✔': '+',
  '✘': 'x',
  '█': '#',
  '░': '.',
  '·': '.',
  '×': 'x',
};

export type Flags = Readonly<Record<string, unknown>>;

/** Gives a command its action: the number it returns is the exit code. */
export function act(cli: Cli, command: Command, run: (args: readonly string[], flags: Flags) => Promise<number>): void {
  command.action(async (...given: unknown[]) => {
    const flags = command.opts<Flags>();
    const args = given
      .slice(0, -2)
      .flat()
      .filter((arg): arg is string => typeof arg === 'string');
    cli.json = flags.json === true;
    cli.input = flags.input !== false && !cli.terminal.env.REKEY_NO_INPUT;
    cli.color = flags.color !== false;
    cli.exit = await run(args, flags);
  });
}

/** Flags that mean the same on every command. */
export function common(command: Command): Command {
  return command
    .option('--json', 'one JSON document (or NDJSON for streams) on stdout, nothing else anywhere')
    .option('--estate <dir>', 'folder of rekey.yaml (REKEY_ESTATE; otherwise from here upwards)')
    .option('--context <url>', 'talk to this server (REKEY_URL)')
    .option('--no-input', 'never wait for an answer; exit 3 and name the flag instead (REKEY_NO_INPUT)')
    .option('--no-color', 'no colour (NO_COLOR)');
}

/** The first thing `-h` shows. */
export function examples(command: Command, lines: readonly [string, string, string]): void {
  command.addHelpText('beforeAll', `Examples:\n${lines.map((line) => `  ${line}\n`).join('')}`);
}

export function text(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

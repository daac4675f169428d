// The list of commands. Only the one that was asked for is loaded: `rekey --help` reads none of them.
import { Command } from 'commander';
import type { Cli } from './cli.ts';
import { quiet } from './quiet.ts';

export type Definition = { readonly define: (command: Command, cli: Cli) => void };
type Entry = { readonly name: string; readonly summary: string; readonly load: () => Promise<Definition> };

export const commands: readonly Entry[] = [
  { name: 'init', summary: 'a new estate: file, keyring, embedded store', load: () => import('./commands/init.ts') },
  {
    name: 'doctor',
    summary: 'check file, keyring, store and every system; says the next step',
    load: () => import('./commands/doctor.ts'),
  },
  { name: 'discover', summary: 'read accounts and credentials into the inventory', load: () => import('./commands/discover.ts') },
  { name: 'import', summary: 'owners, consumers, exposed credentials or people from a CSV', load: () => import('./commands/import.ts') },
  { name: 'account', summary: 'the inventory: ls, show', load: () => import('./commands/account.ts') },
  { name: 'plan', summary: 'an immutable plan from a selector; show, ls', load: () => import('./commands/plan.ts') },
  { name: 'approve', summary: "sign a plan's or a hand-over's hash", load: () => import('./commands/approve.ts') },
  { name: 'approval', summary: 'what waits for people: ls, give, refuse', load: () => import('./commands/approval.ts') },
  { name: 'apply', summary: 'run exactly that plan', load: () => import('./commands/apply.ts') },
  { name: 'run', summary: 'ls, show, items, people, watch, pause, resume, abort, retry, except', load: () => import('./commands/run.ts') },
  { name: 'prove', summary: 're-prove a run, write its evidence bundle and report', load: () => import('./commands/prove.ts') },
  { name: 'evidence', summary: 'verify a bundle offline', load: () => import('./commands/evidence.ts') },
  { name: 'reveal', summary: 'show one current secret to an entitled person', load: () => import('./commands/reveal.ts') },
  { name: 'fetch', summary: 'a workload gets its own current secret, with its own identity', load: () => import('./commands/fetch.ts') },
  { name: 'handover', summary: "a run's secrets as an age file for named recipients", load: () => import('./commands/handover.ts') },
  { name: 'login', summary: 'keep a token for a server, read from standard input', load: () => import('./commands/login.ts') },
  {
    name: 'member',
    summary: 'who may sign in: ls, invite, invitations, invite-back, uninvite, add, roles, disable',
    load: () => import('./commands/member.ts'),
  },
  { name: 'token', summary: 'tokens for programs: ls, new, revoke', load: () => import('./commands/token.ts') },
  { name: 'audit', summary: 'acts about access: ls', load: () => import('./commands/audit.ts') },
  { name: 'session', summary: 'open sessions: ls, revoke', load: () => import('./commands/session.ts') },
  { name: 'keyring', summary: 'turn, rewrap, rm: the keys that wrap the data keys', load: () => import('./commands/keyring.ts') },
  {
    name: 'serve',
    summary: 'API, console and worker of this estate, for browsers and other machines',
    load: () => import('./commands/serve.ts'),
  },
  { name: 'playbook', summary: 'what a trigger may start: show, approve, fire', load: () => import('./commands/playbook.ts') },
  { name: 'notice', summary: 'what was sent to whom; preview, test', load: () => import('./commands/notice.ts') },
  { name: 'worker', summary: 'do the work of the runs of this estate', load: () => import('./commands/worker.ts') },
  { name: 'demo', summary: 'a fictitious estate, the whole path, nothing real touched', load: () => import('./commands/demo.ts') },
  { name: 'config', summary: 'the estate file: validate, view, schema', load: () => import('./commands/config.ts') },
  { name: 'completion', summary: 'completion script for bash, zsh or fish', load: () => import('./commands/completion.ts') },
  { name: 'help', summary: 'help of a command, or of exit-codes', load: () => import('./commands/help.ts') },
  { name: 'version', summary: 'the version', load: () => import('./commands/version.ts') },
];

/** `loaded`: names to load in full; the others are there for help and for "did you mean". */
export async function programOf(cli: Cli, loaded: readonly string[] | 'all'): Promise<Command> {
  const program = quiet(new Command('rekey'), cli)
    .description('Resets every credential an incident touched and proves the old ones open nothing.')
    .version(cli.house.version(), '-V, --version', 'print the version')
    .showSuggestionAfterError(true)
    .usage('COMMAND [options]');
  program.addHelpText(
    'before',
    'Examples:\n  rekey demo                                                   see the whole path on a fictitious estate\n  rekey plan --where \'exposed\' --reason "leak of 21 Nov" -o p.json\n  rekey apply p.json\n',
  );
  for (const { name, summary, load } of commands) {
    const command = quiet(program.command(name).summary(summary).description(summary), cli);
    if (loaded === 'all' || loaded.includes(name)) (await load()).define(command, cli);
  }
  return program;
}

// A Linux host as Rekey's own login sees it: few channels on one connection, root by sudo -n where Rekey is not root, secrets by standard input only.
import { type Io, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import { refusedBy } from './end.ts';
import type { Exit, Link, Ran } from './exec.ts';
import { type Credential, openLink } from './link.ts';
import type { Endpoint } from './settings.ts';

/** sshd's MaxSessions is 10 by default: two are left for others on the same connection. */
const channels = 8;
/** sbin is not on the path of a login without a shell of its own; messages are read in English. */
const environment = ['env', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL=C'];

/** `as`: the user it runs as; left out, Rekey's own. `input` goes to standard input. */
type Command = { readonly argv: readonly string[]; readonly as?: string; readonly input?: string | Uint8Array };
/** `opened`: the login of Rekey itself did not open. */
export type Answer = Ran | { readonly kind: 'unopened'; readonly outcome: Outcome<never> };

/** Asked again for each new connection, so a rotated file or variable is picked up. */
export type OwnLogin = () => Promise<Credential>;

export class Host {
  readonly endpoint: Endpoint;
  readonly user: string;
  readonly #login: OwnLogin;
  readonly #io: Io;
  #link: Promise<Link | Outcome<never>> | undefined;
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(endpoint: Endpoint, user: string, login: OwnLogin, io: Io) {
    this.endpoint = endpoint;
    this.user = user;
    this.#login = login;
    this.#io = io;
  }

  /** For what may be asked twice: an idle connection may have died unnoticed. */
  async ask(command: Command): Promise<Answer> {
    const answer = await this.once(command);
    return answer.kind === 'lost' && answer.code === 'dropped' && !this.#io.signal.aborted ? this.once(command) : answer;
  }

  /** For changes: started once, whatever happens. */
  async once(command: Command): Promise<Answer> {
    if (this.#busy >= channels) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#busy += 1;
    try {
      const answer = await this.#run(command);
      // The connection had ended while nobody looked: nothing was sent, so a new one may take it.
      return answer.kind === 'unsent' && answer.code === 'closed' ? await this.#run(command) : answer;
    } finally {
      // The place passes on to the next in line, if there is one.
      const next = this.#waiting.shift();
      if (next === undefined) this.#busy -= 1;
      else next();
    }
  }

  async #run(command: Command): Promise<Answer> {
    const link = await this.#open();
    return 'kind' in link ? { kind: 'unopened', outcome: link } : link.run(this.#text(command), command.input, this.#io);
  }

  async end(): Promise<void> {
    const link = await this.#link;
    if (link !== undefined && !('kind' in link)) link.end();
  }

  async #open(): Promise<Link | Outcome<never>> {
    const known = this.#link;
    if (known !== undefined) {
      const link = await known;
      if (!('kind' in link) && link.usable) return link;
      // Another caller may have replaced it while we looked.
      if (this.#link === known) this.#link = undefined;
    }
    this.#link ??= this.#connect();
    return this.#link;
  }

  async #connect(): Promise<Link | Outcome<never>> {
    let credential: Credential;
    try {
      credential = await this.#login();
    } catch {
      return refused('auth', "Rekey's own secret for this host cannot be read");
    }
    const attempt = await openLink(this.endpoint, credential, this.#io);
    return attempt.kind === 'open' ? attempt.link : refusedBy(attempt.end);
  }

  #text({ argv, as }: Command): string {
    const become =
      as === undefined || as === this.user ? [] : this.user === 'root' ? ['runuser', '-u', as, '--'] : ['sudo', '-n', '-u', as, '--'];
    return [...environment, ...become, ...argv].map(quote).join(' ');
  }
}

/** One word for the login's shell, whatever it holds. */
function quote(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** sudo's own words before it starts anything: the command certainly did not run. */
const sudoRefusals = [
  /^sudo: (a password is required|a terminal is required|no tty present|sorry, you must have a tty)/m,
  /is not in the sudoers file/,
  /^Sorry, user .* (is not allowed to execute|may not run)/m,
  /^sudo: (unknown user|account validation failure|PAM account management error)/m,
];

/** The exit status and output of a command that ran, or why there is none. sudo's refusals have the status of the command they kept from running. */
export function exitOf(answer: Answer): Exit | Outcome<never> {
  if (answer.kind === 'unopened') return answer.outcome;
  if (answer.kind === 'unsent')
    return refused('unreachable', `the host did not start the command: ${answer.message}`, { target: answer.code });
  if (answer.kind === 'lost') return indeterminate('unreachable', `no exit status: ${answer.message}`, { target: answer.code });
  const { code, err } = answer;
  if (code === 127) return refused('unsupported', `a command is missing on the host: ${firstLine(err)}`, { target: '127' });
  if (code !== 0 && sudoRefusals.some((each) => each.test(err)))
    return refused('permission', `sudo does not let Rekey: ${firstLine(err)}`, { target: String(code) });
  return answer;
}
/** A read before a write that got no answer: the write was not sent, so the account is certainly unchanged. */
export const unsentAfter = <T>(read: Outcome<T>): Outcome<T> =>
  read.kind === 'indeterminate' ? { kind: 'refused', fault: read.fault } : read;

export const ran = (exit: Exit | Outcome<never>): exit is Exit => exit.kind === 'exited';

/** The host's own words for people. Commands that take secrets get them by standard input, and print none. */
export function firstLine(text: string): string {
  return (text.split('\n').find((line) => line.trim() !== '') ?? 'no message').trim().slice(0, 200);
}

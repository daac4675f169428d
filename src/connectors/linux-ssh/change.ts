// One line of chpasswd -e for each account, on standard input: what chpasswd said decides between done, certainly not, and unknown.
import { done, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import { exitOf, firstLine, type Host, ran } from '../../protocols/ssh/host.ts';

export type Line = { readonly name: string; readonly field: string };

export async function chpasswd(host: Host, lines: readonly Line[]): Promise<Outcome<void>> {
  const input = lines.map(({ name, field }) => `${name}:${field}\n`).join('');
  const exit = exitOf(await host.once({ argv: ['chpasswd', '-e'], as: 'root', input }));
  if (!ran(exit)) return exit;
  return exit.code === 0 ? done(undefined) : meaningOf(exit.code, exit.err);
}

/** First match wins. All but the last say that nothing was written; chpasswd writes both files at its very end. */
const meanings = [
  { says: /failure while writing/i, code: 'protocol', sure: false },
  { says: /does not exist/i, code: 'not-found', sure: true },
  { says: /cannot lock|try again later/i, code: 'conflict', sure: true },
  { says: /permission denied|read-only file system|cannot open/i, code: 'permission', sure: true },
  { says: /missing new password|line too long|invalid/i, code: 'policy', sure: true },
  { says: /changes ignored/i, code: 'conflict', sure: true },
] as const;

export function meaningOf(status: number, err: string): Outcome<never> {
  const found = meanings.find(({ says }) => says.test(err));
  const text = `chpasswd: ${firstLine(err)}`;
  const target = { target: String(status) };
  return found?.sure === true ? refused(found.code, text, target) : indeterminate(found?.code ?? 'protocol', text, target);
}

type Waiting = { readonly line: Line; settle(outcome: Outcome<void>): void };

/**
 * Changes that come while one is under way go out together: chpasswd locks the file, and takes 20 ms for one line as for two hundred. It takes
 * all lines or none, so one bad line would make the others' outcome wrong: after a refusal each goes alone.
 */
export class Changes {
  readonly #send: (lines: readonly Line[]) => Promise<Outcome<void>>;
  #waiting: Waiting[] = [];
  #running = false;

  constructor(send: (lines: readonly Line[]) => Promise<Outcome<void>>) {
    this.#send = send;
  }

  change(line: Line): Promise<Outcome<void>> {
    return new Promise((settle) => {
      this.#waiting.push({ line, settle });
      if (!this.#running) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      const outcome = await this.#send(batch.map(({ line }) => line));
      if (outcome.kind !== 'refused' || batch.length === 1) for (const each of batch) each.settle(outcome);
      else for (const each of batch) each.settle(await this.#send([each.line]));
    }
    this.#running = false;
  }

  /** One line for each account: of two, the second waits, so that both are told what became of theirs. */
  #take(): Waiting[] {
    const names = new Set<string>();
    const batch = this.#waiting.filter(({ line }) => !names.has(line.name) && names.add(line.name) !== undefined);
    this.#waiting = this.#waiting.filter((each) => !batch.includes(each));
    return batch;
  }
}

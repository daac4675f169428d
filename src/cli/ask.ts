// Questions to a person. Without a person there is never a wait: the refusal names the flag that answers instead.
import { createInterface } from 'node:readline/promises';
import { Problem } from '../domain/problem.ts';
import type { PlanView } from '../domain/view.ts';
import { type Cli, type Flags, text } from './cli.ts';
import { changesOf, confirmationOf } from './confirmation.ts';
import { counted } from './words.ts';

/** One line from the terminal; null when the person closed the input or pressed Ctrl-C. */
export async function ask(cli: Cli, question: string): Promise<string | null> {
  const reader = createInterface({ input: cli.terminal.stdin, output: cli.terminal.stderr, terminal: false });
  const closed = new AbortController();
  reader.once('close', () => closed.abort());
  const unsubscribe = cli.terminal.onInterrupt(() => reader.close());
  try {
    return await reader.question(question, { signal: closed.signal });
  } catch {
    cli.say('');
    return null;
  } finally {
    unsubscribe();
    reader.close();
  }
}

const declined = (hint: string) => new Problem('declined', { message: 'nothing was changed', hint });

/** A change that a plain yes covers: default No, `--yes` answers. */
export async function agree(cli: Cli, flags: Flags, question: string): Promise<void> {
  if (flags.yes === true) return;
  if (!cli.interactive)
    throw new Problem('confirmation-needed', { message: `"${question}" needs an answer and nobody is there to give it`, hint: '--yes' });
  const answer = await ask(cli, `${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer?.trim() ?? '')) throw declined('run the command again and answer y, or give --yes');
}

/**
 * Before a plan runs. Tier 0 or more than 1,000 credentials: its name and number, typed or in --confirm; `--yes` is not enough,
 * and neither is anything a pipe can say, because a pipe is not a terminal. The result goes to the API, which checks it again.
 */
export async function confirmPlan(cli: Cli, flags: Flags, plan: PlanView): Promise<string | undefined> {
  const wanted = confirmationOf(plan);
  const given = text(flags, 'confirm');
  if (wanted === null) {
    if (given !== undefined) return given;
    await agree(cli, flags, `Reset ${counted(changesOf(plan), 'credential')}?`);
    return undefined;
  }
  if (given !== undefined) return given;
  const why = plan.totals.tier0 > 0 ? `${counted(plan.totals.tier0, 'credential')} of tier 0` : counted(changesOf(plan), 'credential');
  if (!cli.interactive) {
    throw new Problem('confirmation-needed', {
      message: `this plan changes ${why}: it must be confirmed by name and number, --yes is not enough`,
      hint: `--confirm "${wanted}"`,
    });
  }
  const answer = await ask(cli, `This plan changes ${why}. Type its name and number to go on (${wanted}): `);
  if (answer?.trim() !== wanted) throw declined(`run the command again and type exactly: ${wanted}`);
  return wanted;
}

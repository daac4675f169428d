// Answers for tests and benches from the twin's own record, independent of what Rekey believes.
import { type TwinConfig, twinConfig } from './config.ts';
import type { Truth } from './truth.ts';
import { truthOf } from './truths.ts';

export type TwinOracle = {
  /** Would this value open the account now (the twin's first node, blocks and locks set aside)? `account` is an id. */
  accepts(account: string, secretText: string): boolean;
  /** How many writes of a secret arrived and were applied. */
  writes(account: string): number;
  /** Ids of all accounts that were ever locked by failed logins. */
  lockedOut(): readonly string[];
  accounts(): Iterable<{ readonly id: string; readonly name: string }>;
  blocked(account: string): boolean;
  /** Accounts holding more than one value. */
  values(account: string): number;
  openSessions(account: string): number;
  close(): void;
};

/** `config` is the system's block as in the estate file; with `state`, `file` is its absolute path and is read afresh, from the first line. */
export function twinOracle(system: string, config: unknown, file?: string): TwinOracle {
  const parsed = twinConfig.parse(config);
  const truth = truthOf(system, parsed, stateFile(parsed, file));
  const indexOf = (account: string): number => {
    const index = truth.people.indexOf(account);
    if (index < 0) throw new RangeError(`the twin ${system} has no account ${account}`);
    truth.refresh();
    return index;
  };
  return {
    accepts: (account, secretText) => {
      const index = indexOf(account);
      return truth.opens(index, truth.print(index, Buffer.from(secretText)));
    },
    writes: (account) => truth.writes(indexOf(account)),
    lockedOut: () => {
      truth.refresh();
      return truth.everLocked();
    },
    accounts: () => accountsOf(truth),
    blocked: (account) => truth.isBlocked(indexOf(account)),
    values: (account) => truth.slots(indexOf(account)).length,
    openSessions: (account) => truth.sessions(indexOf(account)).length,
    close: () => {
      if (parsed.state !== undefined) truth.close();
    },
  };
}

function stateFile(config: TwinConfig, file: string | undefined): string | undefined {
  return config.state === undefined ? undefined : (file ?? config.state.file);
}

function* accountsOf(truth: Truth): Iterable<{ id: string; name: string }> {
  for (let index = 0; index < truth.people.size; index++) {
    const { id, name } = truth.people.at(index);
    yield { id, name };
  }
}

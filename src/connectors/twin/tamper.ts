// What other people do to a system behind Rekey's back: for tests, drills and the demo.
import { twinConfig } from './config.ts';
import { truthOf } from './truths.ts';

export type TwinTamper = {
  openSession(account: string): void;
  /** A restore or a restart from an old file: the value before the last change is live again. */
  resurrect(account: string): void;
  /** A third party sets a value (`replace`) or stores one beside the present one (`add`). */
  set(account: string, secretText: string, way: 'replace' | 'add'): void;
  acceptAny(account: string): void;
  block(account: string): void;
  unlock(account: string): void;
  close(): void;
};

export function twinTamper(system: string, config: unknown, file?: string, now: () => number = Date.now): TwinTamper {
  const parsed = twinConfig.parse(config);
  const truth = truthOf(system, parsed, parsed.state === undefined ? undefined : (file ?? parsed.state.file));
  const simple = (op: 'open' | 'revert' | 'any' | 'block' | 'unlock') => (account: string) => truth.commit({ op, account, at: now() });
  return {
    openSession: simple('open'),
    resurrect: simple('revert'),
    acceptAny: simple('any'),
    block: simple('block'),
    unlock: simple('unlock'),
    set(account, secretText, way) {
      const print = truth.print(truth.people.indexOf(account), Buffer.from(secretText));
      truth.commit({ op: 'set', account, at: now(), print, way });
    },
    close: () => {
      if (parsed.state !== undefined) truth.close();
    },
  };
}

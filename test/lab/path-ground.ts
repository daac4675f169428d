// What the suites of login paths share: a host side that knows some secrets, accounts by name, and one login said in a line.
import type { Connection, Io } from '../../src/kit/connector.ts';
import type { AccountRef, Secret, SecretRef } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';

/** `secrets`: what `{ env: NAME }` stands for. */
export function pathIo(secrets: Readonly<Record<string, string>> = {}, more: Partial<Io> = {}): Io {
  return {
    system: 'lab',
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: async (ref: SecretRef) => {
      const text = 'env' in ref ? secrets[ref.env] : undefined;
      if (text === undefined) throw new Error('there is no such secret');
      return secretOf('own', text);
    },
    path: (relative) => relative,
    ...more,
  };
}

export const accountOf = (name: string, more: Partial<AccountRef> = {}): AccountRef => ({ system: 'lab', id: name, name, ...more });

/** `accepted 0`, `rejected 24`, … on the n-th replica. */
export async function say(on: Connection, account: AccountRef, tried: string | Secret, replica = 0): Promise<string> {
  const where = (await on.probe?.paths())?.[replica];
  if (on.probe === undefined || where === undefined) throw new Error('no such path');
  const { verdict, code } = await on.probe.attempt(account, typeof tried === 'string' ? secretOf('tried', tried) : tried, where);
  return `${verdict} ${code}`;
}

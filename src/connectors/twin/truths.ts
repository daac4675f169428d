// Finds the one truth of a twin in this process: the connector, the oracle and a second connection meet in it.
import type { TwinConfig } from './config.ts';
import { Truth } from './truth.ts';

const inMemory = new Map<string, Truth>();

/** In memory: one per system, seed and population. With a state file: a view of the file, which the caller closes. */
export function truthOf(system: string, config: TwinConfig, stateFile: string | undefined): Truth {
  if (stateFile !== undefined) return new Truth(system, config, stateFile);
  const { seed, accounts, sessions, lockout, staleAccounts } = config;
  const key = JSON.stringify([system, seed, accounts, sessions, lockout, staleAccounts]);
  const known = inMemory.get(key);
  if (known !== undefined) return known;
  const made = new Truth(system, config);
  inMemory.set(key, made);
  return made;
}

/** Forgets every twin kept in memory: the next connection meets a fresh one. */
export function forgetTwins(): void {
  inMemory.clear();
}

// One system of the hybrid lab, as it stands in an estate file: its block, the secrets the block refers to, its accounts with their first secrets, and how to stop it.
export type Part = {
  /** The block under `systems`, as it is written. */
  readonly system: { readonly id: string } & { readonly [key: string]: unknown };
  /** What the block refers to by `{ env: NAME }`. */
  readonly env: { readonly [name: string]: string };
  /** Accounts to reset, by the name the inventory gives them, with the secret they were made with. */
  readonly accounts: readonly Leaked[];
  stop(): Promise<void>;
};
export type Leaked = { readonly name: string; readonly secret: string };

const owners = { owner: 'platform@example.test' };

export function part(
  id: string,
  connector: string,
  rest: {
    config: object;
    env: Part['env'];
    accounts: Part['accounts'];
    tier?: number;
    limits?: object;
    paths?: readonly object[];
    stop: () => Promise<void>;
  },
): Part {
  const { config, env, accounts, tier = 2, limits, paths, stop } = rest;
  const more = { ...(limits === undefined ? {} : { limits }), ...(paths === undefined ? {} : { paths }) };
  return { system: { id, connector, tier, ...owners, config, ...more }, env, accounts, stop };
}

export const numbered = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

/** Every name was given to the server that made the secrets. */
export const withSecrets = (names: readonly string[], secrets: Readonly<Record<string, string>>): Leaked[] =>
  names.map((name) => ({ name, secret: secrets[name] as string }));

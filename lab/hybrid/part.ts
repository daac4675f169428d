// One server of the hybrid lab, as it stands in an estate file: its block, the secrets the block refers to, its accounts with their first secrets, and how to stop it.
export type Part = {
  /** The block under `systems`, as it is written. */
  readonly system: { readonly id: string } & { readonly [key: string]: unknown };
  /** What the block refers to by `{ env: NAME }`. */
  readonly env: { readonly [name: string]: string };
  /** Accounts to reset, by the name the inventory gives them, with the secret they were made with. */
  readonly accounts: readonly { readonly name: string; readonly secret: string }[];
  stop(): Promise<void>;
};

const owners = { owner: 'platform@example.test' };

export function part(
  id: string,
  connector: string,
  rest: {
    config: object;
    env: Part['env'];
    accounts: Part['accounts'];
    tier?: number;
    paths?: readonly object[];
    stop: () => Promise<void>;
  },
): Part {
  const { config, env, accounts, tier = 2, paths, stop } = rest;
  return { system: { id, connector, tier, ...owners, config, ...(paths === undefined ? {} : { paths }) }, env, accounts, stop };
}

export const numbered = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

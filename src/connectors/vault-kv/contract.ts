// The Vault KV store in the situations of the contract that concern a store.
import type { Bench, ContractFixture, Rig } from '../../kit/contract.ts';
import type { Secret } from '../../kit/kit.ts';
import type { Loss, Seen } from '../../protocols/http/simulate.ts';
import { simulateVault, token, type VaultOptions } from './simulator.ts';
import { vaultKv } from './vault-kv.ts';

const old = '0ld-value-of-app';
const own: Secret = { label: 'own', use: (f) => f(Buffer.from(token)), text: (f) => f(token) };

const situation =
  (options: VaultOptions = {}, change: { readonly key?: string; readonly down?: boolean } = {}) =>
  async (bench: Bench): Promise<Rig> => {
    const target = await simulateVault({ ...options });
    target.put('app', { user: 'app', password: old });
    const settings = vaultKv.config.parse({ url: target.url, token: { env: 'VAULT_TOKEN' } });
    const connection = await vaultKv.open(settings, { ...bench.io('vault'), resolve: async () => own });
    if (change.down === true) await target.stop();
    const key = change.key ?? 'password';
    return {
      connection,
      account: { system: 'db', id: '1', name: 'app' },
      consumer: { consumer: 'app', ref: `secret/data/app#${key}` },
      old,
      accepts: (text) => target.value('app', key) === text,
      ...(change.down === true ? {} : { close: () => target.stop() }),
    };
  };

const losing = (loss: Loss) => ({ loses: ({ method }: Seen) => (method === 'GET' ? undefined : loss) });

export const fixture: ContractFixture = {
  connector: vaultKv,
  badConfig: { config: { url: 'https://vault.example.test', token: { env: 'T' }, write: 'replace' }, field: 'write' },
  situations: {
    plain: situation(),
    'reply-lost': situation(losing('reply-lost')),
    'request-lost': situation(losing('request-lost')),
    slow: situation(losing('silent')),
    throttled: situation({ quota: 0 }),
    unreachable: situation({}, { down: true }),
    missing: situation({}, { key: 'pin' }),
  },
};

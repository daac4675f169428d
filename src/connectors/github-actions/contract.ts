// The GitHub Actions store in the situations of the contract that concern a store.
import type { Bench, ContractFixture, Rig } from '../../kit/contract.ts';
import type { Secret } from '../../kit/kit.ts';
import type { Loss, Seen } from '../../protocols/http/simulate.ts';
import { githubActions } from './github-actions.ts';
import { type GithubOptions, simulateGithub, token } from './simulator.ts';

const old = '0ld-value-of-app';
const own: Secret = { label: 'own', use: (f) => f(Buffer.from(token)), text: (f) => f(token) };

type Change = { readonly name?: string; readonly down?: boolean };

const situation =
  (options: GithubOptions = {}, { name = 'DB_PASSWORD', down = false }: Change = {}) =>
  async (bench: Bench): Promise<Rig> => {
    const target = await simulateGithub({ ...options });
    target.add('repos/acme/shop/actions', 'DB_PASSWORD', old);
    const settings = githubActions.config.parse({ url: target.url, token: { env: 'GITHUB' } });
    const connection = await githubActions.open(settings, { ...bench.io('github'), resolve: async () => own });
    if (down) await target.stop();
    return {
      connection,
      account: { system: 'db', id: '1', name: 'app' },
      consumer: { consumer: 'app', ref: `acme/shop:${name}` },
      old,
      accepts: (text) => target.secrets.get(`repos/acme/shop/actions:${name}`)?.value === text,
      ...(down ? {} : { close: () => target.stop() }),
    };
  };

const losing = (loss: Loss) => ({ loses: ({ method }: Seen) => (method === 'PUT' ? loss : undefined) });

export const fixture: ContractFixture = {
  connector: githubActions,
  badConfig: { config: { url: 'https://api.github.com', token: { env: 'T' }, owners: 'acme' }, field: 'owners' },
  situations: {
    plain: situation(),
    'reply-lost': situation(losing('reply-lost')),
    'request-lost': situation(losing('request-lost')),
    slow: situation(losing('silent')),
    policy: situation({ before: ({ rotateKey }) => rotateKey() }),
    throttled: situation({ limit: 'secondary' }),
    unreachable: situation({}, { down: true }),
    missing: situation({}, { name: 'PIN' }),
  },
};

// The GitLab store in the situations of the contract that concern a store.
import type { Bench, ContractFixture, Rig } from '../../kit/contract.ts';
import type { Secret } from '../../kit/kit.ts';
import type { Loss, Seen } from '../../protocols/http/simulate.ts';
import { gitlabCi } from './gitlab-ci.ts';
import { type GitlabOptions, simulateGitlab, token } from './simulator.ts';

const old = '0ld-value-of-app';
const own: Secret = { label: 'own', use: (f) => f(Buffer.from(token)), text: (f) => f(token) };

type Change = { readonly name?: string; readonly down?: boolean };

const situation =
  (options: GitlabOptions = {}, { name = 'DB_PASSWORD', down = false }: Change = {}) =>
  async (bench: Bench): Promise<Rig> => {
    const target = await simulateGitlab({ ...options });
    target.add('projects/acme/shop', 'DB_PASSWORD', old);
    const settings = gitlabCi.config.parse({ url: target.url, token: { env: 'GITLAB' } });
    const connection = await gitlabCi.open(settings, { ...bench.io('gitlab'), resolve: async () => own });
    if (down) await target.stop();
    return {
      connection,
      account: { system: 'db', id: '1', name: 'app' },
      consumer: { consumer: 'app', ref: `acme/shop:${name}` },
      old,
      accepts: (text) => (target.owners.get('projects/acme/shop') ?? []).some((each) => each.key === name && each.value === text),
      ...(down ? {} : { close: () => target.stop() }),
    };
  };

const losing = (loss: Loss) => ({ loses: ({ method }: Seen) => (method === 'PUT' ? loss : undefined) });

export const fixture: ContractFixture = {
  connector: gitlabCi,
  badConfig: { config: { url: 'https://gitlab.example.test', token: { env: 'T' }, within: 'acme' }, field: 'within' },
  situations: {
    plain: situation(),
    'reply-lost': situation(losing('reply-lost')),
    'request-lost': situation(losing('request-lost')),
    slow: situation(losing('silent')),
    policy: situation({ invalid: true }),
    throttled: situation({ limited: true }),
    unreachable: situation({}, { down: true }),
    missing: situation({}, { name: 'PIN' }),
  },
};

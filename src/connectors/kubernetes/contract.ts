// The Kubernetes store in the situations of the contract that concern a store.
import type { Bench, ContractFixture, Rig } from '../../kit/contract.ts';
import type { Secret } from '../../kit/kit.ts';
import type { Loss, Seen } from '../../protocols/http/simulate.ts';
import { kubernetes } from './kubernetes.ts';
import { type ClusterOptions, simulateCluster, token } from './simulator.ts';

const old = '0ld-value-of-app';
const own: Secret = { label: 'own', use: (f) => f(Buffer.from(token)), text: (f) => f(token) };

type Change = { readonly key?: string; readonly down?: boolean; readonly immutable?: boolean };

const situation =
  (options: ClusterOptions = {}, { key = 'password', down = false, immutable }: Change = {}) =>
  async (bench: Bench): Promise<Rig> => {
    const target = await simulateCluster({ ...options });
    target.addSecret('app', { user: 'app', password: old }, immutable === undefined ? {} : { immutable });
    const settings = kubernetes.config.parse({ url: target.url, token: { env: 'KUBE_TOKEN' } });
    const connection = await kubernetes.open(settings, { ...bench.io('kube'), resolve: async () => own });
    if (down) await target.stop();
    return {
      connection,
      account: { system: 'db', id: '1', name: 'app' },
      consumer: { consumer: 'app', ref: `prod/app#${key}` },
      old,
      accepts: (text) => target.value('app', key) === text,
      ...(down ? {} : { close: () => target.stop() }),
    };
  };

const losing = (loss: Loss) => ({ loses: ({ method }: Seen) => (method === 'PATCH' ? loss : undefined) });

export const fixture: ContractFixture = {
  connector: kubernetes,
  badConfig: { config: { url: 'https://kube.example.test', token: { env: 'T' }, namespaces: 'prod' }, field: 'namespaces' },
  situations: {
    plain: situation(),
    'reply-lost': situation(losing('reply-lost')),
    'request-lost': situation(losing('request-lost')),
    slow: situation(losing('silent')),
    policy: situation({}, { immutable: true }),
    throttled: situation({ throttled: true }),
    unreachable: situation({}, { down: true }),
    missing: situation({}, { key: 'pin' }),
  },
};

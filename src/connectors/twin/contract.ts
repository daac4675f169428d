// The twin in every situation of the contract: its scripted faults make each of them.
import type { Bench, ContractFixture, Rig } from '../../kit/contract.ts';
import { twinOracle } from './oracle.ts';
import { initialSecret } from './seeded.ts';
import { twinTamper } from './tamper.ts';
import { forgetTwins } from './truths.ts';
import { twin } from './twin.ts';

const system = 'contract';
const id = 'x-0000001';

function situation(extra: object, more: (config: object) => Partial<Rig> = () => ({})): (bench: Bench) => Promise<Rig> {
  return async (bench) => {
    forgetTwins();
    const config = { seed: 'contract', accounts: { people: 7, services: 4, named: [{ name: 'svc-target' }] }, ...extra };
    const connection = await twin.open(twin.config.parse(config), bench.io(system));
    const oracle = twinOracle(system, config);
    return {
      connection,
      account: { system, id, name: 'svc-target' },
      old: initialSecret('contract', system, id),
      accepts: (text) => oracle.accepts(id, text),
      ...more(config),
    };
  };
}

const onSet = (kind: string, more: object = {}): object => ({ faults: [{ op: 'set', kind, ...more }] });

export const fixture: ContractFixture = {
  connector: twin,
  badConfig: { config: { seed: 1, accounts: { people: -3 } }, field: 'people' },
  situations: {
    plain: situation({}),
    'reply-lost': situation(onSet('swallow-reply')),
    'request-lost': situation(onSet('lose-request')),
    policy: situation(onSet('refuse-policy')),
    throttled: situation(onSet('throttled', { retryAfterMs: 700 })),
    unreachable: situation({ unreachable: true }),
    slow: situation({ latencyMs: 20_000 }),
    lockable: situation({ lockout: { threshold: 3 } }),
    'accept-any': situation({}, (config) => {
      twinTamper(system, config).acceptAny(id);
      return {};
    }),
    'second-value': situation(onSet('second-value')),
    lagging: situation({ replicas: { count: 2, lagMs: 60_000 } }, () => ({ lagging: 'node-2' })),
    resurrecting: situation({}, (config) => ({ happen: () => twinTamper(system, config).resurrect(id) })),
    sessions: situation({ sessions: 2 }),
    dual: situation({ dual: true }),
  },
};

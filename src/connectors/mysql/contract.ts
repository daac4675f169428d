// MySQL in the situations of the contract, on a server in miniature: there is no Debian package of the real one.
import { createServer } from 'node:net';
import type { Bench, ContractFixture, Rig } from '../../kit/contract.ts';
import type { Io, Secret } from '../../kit/kit.ts';
import { sha2Hash } from '../../protocols/mysql/password-hash.ts';
import { mysql } from './mysql.ts';
import { MysqlSimulator, type SimAccount } from './simulator.ts';

const system = 'mysql';
const old = 'Old-contract-v4lue!';
const own = 'Own-contract-v4lue!';

const secretOf = (text: string): Secret => ({
  label: 'fixture',
  use: (f) => f(Buffer.from(text)),
  text: (f) => f(text),
});
const account = (user: string, password: string, more: Partial<SimAccount> = {}): SimAccount => ({
  user,
  host: '%',
  plugin: 'caching_sha2_password',
  stored: sha2Hash(secretOf(password)),
  ...more,
});
const accounts = (): SimAccount[] => [
  account('rekey', own),
  account('app', old),
  ...Array.from({ length: 5 }, (_, n) => account(`svc-${n}`, `Other-v4lue-${n}`)),
];

type More = Partial<Rig> & { readonly config?: object };

function situation(arrange: (simulator: MysqlSimulator) => More | Promise<More> = () => ({})): (bench: Bench) => Promise<Rig> {
  return async (bench) => {
    const simulator = new MysqlSimulator(accounts());
    const port = await simulator.listen();
    const { config = {}, close, ...more } = await arrange(simulator);
    const io: Io = { ...bench.io(system), resolve: async () => secretOf(own) };
    const settings = mysql.config.parse({ host: '127.0.0.1', port, user: 'rekey', password: { env: 'UNUSED' }, ...config });
    return {
      connection: await mysql.open(settings, io),
      account: { system, id: 'app@%', name: 'app@%', login: 'app' },
      old,
      accepts: (text) => simulator.opens('app', text),
      ...more,
      close: async () => {
        simulator.close();
        await close?.();
      },
    };
  };
}

const faulty = (fault: MysqlSimulator['fault']) =>
  situation((simulator) => {
    simulator.fault = fault;
    return {};
  });

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export const fixture: ContractFixture = {
  connector: mysql,
  badConfig: { config: { host: 'db.example', port: 'many', user: 'rekey', password: { env: 'X' } }, field: 'port' },
  situations: {
    plain: situation(),
    'reply-lost': faulty('swallow'),
    'request-lost': faulty('lose'),
    slow: faulty('hang'),
    policy: faulty({ errno: 1819, text: 'Your password does not satisfy the current policy requirements' }),
    throttled: faulty({ errno: 1205, text: 'Lock wait timeout exceeded; try restarting transaction' }),
    unreachable: situation(async () => ({ config: { port: await closedPort() } })),
    'accept-any': situation((simulator) => {
      simulator.account('app').open = true;
      return {};
    }),
    'second-value': situation((simulator) => {
      const { stored } = simulator.account('app');
      return {
        happen: () => {
          simulator.account('app').second = stored;
        },
      };
    }),
    lagging: situation(async () => {
      const replica = new MysqlSimulator(accounts());
      const port = await replica.listen();
      return { config: { replicas: [{ host: '127.0.0.1', port }] }, lagging: `127.0.0.1:${port}`, close: () => replica.close() };
    }),
    resurrecting: situation((simulator) => {
      const { stored } = simulator.account('app');
      return {
        happen: () => {
          simulator.account('app').stored = stored;
        },
      };
    }),
    sessions: situation((simulator) => {
      simulator.session('app');
      return {};
    }),
  },
};

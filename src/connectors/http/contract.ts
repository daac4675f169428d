// The connector in every situation of the contract, on a simulated API: one whose passwords are set, and one that makes keys.
import type { Bench, ContractFixture, Rig } from '../../kit/contract.ts';
import type { Secret } from '../../kit/kit.ts';
import { config } from './config.ts';
import { http } from './http.ts';
import { adminToken, type Mode, type Simulator, simulate } from './simulator.ts';
import { supportsOf } from './supports.ts';

const old = '0ld-Secret-of-app';
const admin: Secret = { label: 'admin', use: (f) => f(Buffer.from(adminToken)), text: (f) => f(adminToken) };

const common = (url: string) => ({
  url,
  allowPrivate: true,
  auth: { bearer: { env: 'API_TOKEN' } },
  accounts: {
    path: '/users?limit={limit}',
    items: '/data/users',
    id: '/id',
    name: '/mail',
    enabled: { pointer: '/active' },
    next: { cursor: '/next', param: 'after' },
  },
  contain: { block: { method: 'DELETE', path: '/users/{id}/active' }, unblock: { method: 'POST', path: '/users/{id}/active' } },
  sessions: {
    list: { path: '/users/{id}/sessions', items: '/sessions', id: '/id', startedAt: '/since' },
    end: { method: 'DELETE', path: '/users/{id}/sessions' },
  },
});

/** The estate file's block for an API whose passwords are set. */
export const passwords = (url: string) => ({
  ...common(url),
  set: {
    method: 'PUT',
    path: '/users/{id}/password',
    json: { password: '{secret}' },
    refused: [{ status: 422, as: 'policy' }],
  },
  state: { path: '/users/{id}/info', changedAt: '/changed', marker: '/version', usable: { pointer: '/active' } },
  lockout: { threshold: 3, resetsOnSuccess: true, failures: { path: '/users/{id}/info', count: '/failures' } },
  probe: {
    method: 'POST',
    path: '/session',
    json: { user: '{name}', password: '{secret}' },
    accepted: [{ status: 200, pointer: '/ok', equals: true }],
    rejected: [{ status: 200, pointer: '/reason', equals: 'credentials' }],
    blocked: [
      { status: 200, pointer: '/reason', equals: 'locked' },
      { status: 200, pointer: '/reason', equals: 'suspended' },
    ],
  },
});

/** The same API, whose keys Rekey replaces. */
export const keys = (url: string) => ({
  ...common(url),
  mint: {
    issue: { method: 'POST', path: '/users/{id}/keys', json: { note: '{label}' }, slot: '/key/id', secret: '/key/value' },
    list: { path: '/users/{id}/keys', items: '/keys', slot: '/id', label: '/note', createdAt: '/made' },
    retire: { method: 'DELETE', path: '/users/{id}/keys/{slot}' },
  },
  probe: { path: '/whoami', secretAs: 'bearer' },
});

type Block = typeof passwords | typeof keys;
const names = ['app', 'backup', 'ci', 'mailer', 'reports'];

const situation =
  (block: Block, mode: Mode, arrange: (target: Simulator) => Partial<Rig> | Promise<Partial<Rig>> = () => ({})) =>
  async (bench: Bench): Promise<Rig> => {
    const target = await simulate(mode, Object.fromEntries(names.map((name) => [name, old])));
    const connection = await http.open(config.parse(block(target.url)), { ...bench.io('api'), resolve: async () => admin });
    const [user] = target.users;
    if (user === undefined) throw new Error('the simulator has no user');
    return {
      connection,
      account: { system: 'api', id: String(user.id), name: user.mail },
      old: block === keys ? (user.keys[0]?.value ?? '') : old,
      accepts: (text) => (block === keys ? user.keys.some(({ value }) => value === text) : user.password === text),
      close: () => target.stop(),
      ...(await arrange(target)),
    };
  };

const down = async (target: Simulator): Promise<Partial<Rig>> => {
  await target.stop();
  return { close: () => undefined };
};
const withSession = (target: Simulator): Partial<Rig> => {
  target.users[0]?.sessions.push({ id: 's1', since: new Date(Date.now() - 60_000).toISOString() });
  return {};
};

/** The user's record from before the change is played back. */
const fromBackup = ({ users: [user] }: Simulator): Partial<Rig> => {
  const backup = { ...user };
  return { happen: () => void Object.assign(user ?? {}, backup) };
};

const badConfig = {
  config: { ...passwords('https://api.example.test'), set: { method: 'PUT', path: '/users/{id}?p={secret}' } },
  field: 'path',
};

/** The declaration as it is for one config: what the file does not describe is not declared. */
function narrowed(block: Block): ContractFixture['connector'] {
  const supports = supportsOf(config.parse(block('https://api.example.test')));
  const permissions = Object.entries(http.permissions).filter(([name]) => supports[name as keyof typeof supports] === true); // names are capabilities
  return { ...http, supports, permissions: Object.fromEntries(permissions) } as ContractFixture['connector']; // its config is opened above, never by the suite
}

export const fixture: ContractFixture = {
  connector: narrowed(passwords),
  badConfig,
  situations: {
    plain: situation(passwords, 'good'),
    'reply-lost': situation(passwords, 'reply-lost'),
    'request-lost': situation(passwords, 'request-lost'),
    policy: situation(passwords, 'policy'),
    throttled: situation(passwords, 'throttled'),
    slow: situation(passwords, 'slow'),
    unreachable: situation(passwords, 'good', down),
    lockable: situation(passwords, 'good'),
    'accept-any': situation(passwords, 'accept-any'),
    resurrecting: situation(passwords, 'good', fromBackup),
    sessions: situation(passwords, 'good', withSession),
  },
};

export const mintFixture: ContractFixture = {
  connector: narrowed(keys),
  badConfig,
  situations: {
    plain: situation(keys, 'good'),
    dual: situation(keys, 'good'),
    sessions: situation(keys, 'good', withSession),
    throttled: situation(keys, 'throttled'),
    unreachable: situation(keys, 'good', down),
  },
};

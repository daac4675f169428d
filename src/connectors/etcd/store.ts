// One key, exchanged by compare-and-swap on its revision and read back. The lease it has stays on it.
import { type Capabilities, done, indeterminate, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import { listAt, member, textAt } from '../../protocols/http/call.ts';
import type { Config } from './config.ts';
import type { Ask, Members } from './members.ts';

/** Other writers may win this often before we say so. */
const attempts = 4;

/** `value` is base64, as the gateway writes bytes. */
type Present = { readonly value: string; readonly revision: string };

export function store({ prefix }: Config, etcd: Members): Capabilities['storeConsumer'] {
  return {
    async put({ ref }, _account, secret) {
      const bad = badRef(ref, prefix);
      if (bad !== undefined) return bad;
      const ask = etcd.begin();
      for (let attempt = 0; attempt < attempts; attempt++) {
        const present = await read(ask, ref);
        if (present.kind !== 'done') return present;
        const swapped = await swap(ask, ref, present.value, secret);
        if (swapped.kind !== 'done') return swapped;
        if (swapped.value) return readBack(ask, ref, secret);
      }
      return refused('conflict', `${ref}: somebody else wrote it at each of ${attempts} attempts`);
    },
    async holds({ ref }, _account, secret) {
      const bad = badRef(ref, prefix);
      if (bad !== undefined) return bad;
      const present = await read(etcd.begin(), ref);
      return present.kind === 'done' ? done(same(present.value, secret)) : present;
    },
    reload: async ({ reload }) => nothing(reload, 'those who watch the key see the change at once; leave reload empty'),
    healthy: async ({ health }) => nothing(health, 'etcd knows nothing of those who read; leave health empty'),
  };
}

const nothing = (asked: string | undefined, why: string): Outcome<undefined> =>
  asked === undefined ? done(undefined) : refused('unsupported', `"${asked}": ${why}`);

/** Keys are bytes; these are what people write. A trailing slash is a prefix of others in every tool, never a key. */
export function badRef(ref: string, prefix: string): Outcome<never> | undefined {
  const bad = (why: string): Outcome<never> => refused('unsupported', `"${ref}" ${why}`);
  if (ref === '') return bad('names no key; write /path/of/the/key');
  if (ref.endsWith('/')) return bad('ends with a slash: name the key itself');
  if (/[\0\n\r]/.test(ref)) return bad('has a line break or NUL in it');
  if (ref.includes('#')) return bad('has a # in it: the whole value of a key is the secret, there is nothing inside to name');
  if (!ref.startsWith(prefix)) return bad(`does not start with ${prefix}, which this store keeps to`);
  return undefined;
}

const encoded = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** Linearizable: the answer of a majority, not of a member that is behind. */
async function read(ask: Ask, ref: string): Promise<Outcome<Present>> {
  const answer = await ask(['v3', 'kv', 'range'], { key: encoded(ref), limit: 1 }, true);
  if (answer.kind !== 'done') return answer;
  const [kv] = listAt(answer.value.body, 'kvs');
  if (kv === undefined) return refused('not-found', `${ref}: there is no such key`);
  const revision = textAt(kv, 'mod_revision');
  if (revision === undefined) return refused('protocol', `${ref}: the answer is not that of etcd`);
  // An empty value is left out of the JSON.
  return done({ value: textAt(kv, 'value') ?? '', revision });
}

/** False: somebody else wrote since we looked, and nothing was done. */
async function swap(ask: Ask, ref: string, { revision }: Present, secret: Secret): Promise<Outcome<boolean>> {
  const key = encoded(ref);
  const value = secret.use((bytes) => Buffer.from(bytes).toString('base64'));
  const answer = await ask(
    ['v3', 'kv', 'txn'],
    {
      compare: [{ key, target: 'MOD', result: 'EQUAL', mod_revision: revision }],
      // Without ignore_lease the key would lose its lease, and outlive what it belongs to.
      success: [{ request_put: { key, value, ignore_lease: true } }],
      failure: [],
    },
    false,
  );
  return answer.kind === 'done' ? done(member(answer.value.body, 'succeeded') === true) : answer;
}

async function readBack(ask: Ask, ref: string, secret: Secret): Promise<Outcome<{ readonly storeVersion: string }>> {
  const back = await read(ask, ref);
  if (back.kind !== 'done') return indeterminate(back.fault.code, `written, but it cannot be read back: ${back.fault.message}`);
  if (!same(back.value, secret))
    return indeterminate('conflict', `${ref} was written, and holds another value now: somebody else writes it too`);
  return done({ storeVersion: `rev-${back.value.revision}` });
}

const same = ({ value }: Present, secret: Secret): boolean => secret.use((bytes) => Buffer.from(value, 'base64').equals(bytes));

// The store itself: one key of one KV version 2 secret, written with check-and-set so that no other key and no other writer is lost.
import { type Capabilities, done, indeterminate, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import type { Ask, Begin } from '../../protocols/http/ask.ts';
import { type Answered, member } from '../../protocols/http/call.ts';
import type { Config } from './config.ts';
import { dataPath, type Place, placeOf } from './reference.ts';
import { casFailed, type Version, versionIn } from './vault.ts';

type Present = Version & { readonly data: NonNullable<Version['data']> };

/** Other writers may win this often before we say so. */
const attempts = 4;

export function store(config: Config, begin: Begin): Capabilities['storeConsumer'] {
  return {
    async put({ ref }, _account, secret) {
      const ask = begin();
      const place = placeOf(ref);
      if (place.kind !== 'done') return place;
      for (let attempt = 0; attempt < attempts; attempt++) {
        const present = await read(ask, place.value);
        if (present.kind !== 'done') return present;
        if (config.write === 'put' && !isExact(present.value.data))
          return refused('conflict', `${ref}: another key holds a number that would not come back as it is: use write: patch`);
        const written = await write(ask, config.write, place.value, present.value, secret);
        if (written.kind !== 'done') return written;
        if (casFailed(written.value)) continue;
        return readBack(ask, place.value, written.value, secret);
      }
      return refused('conflict', `${ref}: somebody else wrote it at each of ${attempts} attempts`);
    },
    async holds({ ref }, _account, secret) {
      const ask = begin();
      const place = placeOf(ref);
      if (place.kind !== 'done') return place;
      const present = await read(ask, place.value);
      return present.kind === 'done' ? done(same(present.value.data[place.value.key], secret)) : present;
    },
    reload: async ({ reload }) =>
      nothing(reload, 'agents and applications read it again by themselves or on their restart; leave reload empty'),
    healthy: async ({ health }) => nothing(health, 'Vault knows nothing of those who read; leave health empty'),
  };
}

const nothing = (asked: string | undefined, why: string): Outcome<undefined> =>
  asked === undefined ? done(undefined) : refused('unsupported', `"${asked}": ${why}`);

/** The present version and the key in it; what is not there is not made up. */
async function read(ask: Ask, place: Place): Promise<Outcome<Present>> {
  const { ref, key } = place;
  const answer = await ask({ method: 'GET', path: dataPath(place) }, [200, 404]);
  if (answer.kind !== 'done') return answer;
  const found = versionIn(answer.value.body);
  if (found === undefined && answer.value.status === 200)
    return refused('protocol', `${ref}: the answer is not that of a KV version 2 mount`);
  if (found === undefined) return refused('not-found', `${ref}: there is no secret at this path`, { target: '404' });
  if (found.data === undefined)
    return refused(
      'not-found',
      `${ref}: version ${found.version} is ${found.destroyed ? 'destroyed: write' : 'deleted: undelete or write'} it first`,
      {
        target: '404',
      },
    );
  if (!Object.hasOwn(found.data, key)) return refused('not-found', `${ref}: the secret has no key ${key}`);
  if (typeof found.data[key] !== 'string') return refused('conflict', `${ref}: the value of ${key} is not a string`);
  return done({ ...found, data: found.data });
}

function write(ask: Ask, how: Config['write'], place: Place, present: Present, secret: Secret): Promise<Outcome<Answered>> {
  const path = dataPath(place);
  const options = { cas: present.version };
  return secret.text((text) => {
    if (how === 'patch')
      return ask(
        {
          method: 'PATCH',
          path,
          headers: { 'content-type': 'application/merge-patch+json' },
          json: { options, data: { [place.key]: text } },
        },
        [200, 400],
        [secret],
      ).then(ownBadRequest);
    return ask({ method: 'POST', path, json: { options, data: { ...present.data, [place.key]: text } } }, [200, 400], [secret]).then(
      ownBadRequest,
    );
  });
}

/** Whole numbers beyond 2^53 and fractions of many digits are rounded by JSON.parse: what is sent back must be what was there. */
function isExact(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isExact);
}

/** A 400 is expected only where it says that somebody else wrote first. */
function ownBadRequest(answer: Outcome<Answered>): Outcome<Answered> {
  if (answer.kind !== 'done' || answer.value.status === 200 || casFailed(answer.value)) return answer;
  return refused('protocol', 'Vault does not take the request (400)', { target: '400' });
}

async function readBack(ask: Ask, place: Place, { body }: Answered, secret: Secret): Promise<Outcome<{ readonly storeVersion: string }>> {
  const version = member(body, 'data', 'version');
  const back = await read(ask, place);
  if (back.kind !== 'done') return indeterminate(back.fault.code, `written, but it cannot be read back: ${back.fault.message}`);
  if (!same(back.value.data[place.key], secret))
    return indeterminate('conflict', `${place.ref} was written, and holds another value now: somebody else writes it too`);
  return done({ storeVersion: `v${typeof version === 'number' ? version : back.value.version}` });
}

const same = (value: unknown, secret: Secret): boolean =>
  typeof value === 'string' && secret.use((bytes) => Buffer.from(value, 'utf8').equals(bytes));

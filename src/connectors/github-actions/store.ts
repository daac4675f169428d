// Writes a secret that GitHub never shows again, and proves it by GitHub's own record of when it was written and to which key.
import { type Capabilities, done, type Io, indeterminate, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import type { Ask, Begin } from '../../protocols/http/ask.ts';
import { listAt, member, textAt } from '../../protocols/http/call.ts';
import type { Config } from './config.ts';
import { Marks, verdict } from './marks.ts';
import { readStored, type Stored } from './read-stored.ts';
import { type Place, placeOf } from './reference.ts';
import { type PublicKey, publicKey, seal } from './sealed-box.ts';
import { dispatch, succeeded } from './workflow.ts';

/** What GitHub takes for one secret. */
const mostBytes = 48 * 1024;

export function store(config: Config, begin: Begin, io: Io): Capabilities['storeConsumer'] {
  const marks = new Marks();
  const placed = (ref: string): Outcome<Place> => placeOf(ref, config.owners);
  return {
    async put({ ref }, _account, secret) {
      const ask = begin();
      const place = placed(ref);
      if (place.kind !== 'done') return place;
      if (secret.use((bytes) => bytes.length) > mostBytes) return refused('policy', `${ref}: GitHub takes at most 48 KB`);
      const before = await readStored(ask, place.value);
      if (before.kind !== 'done') return before;
      const access = await accessOf(ask, place.value, before.value);
      if (access.kind !== 'done') return access;
      const mark = marks.of(secret);
      const written = await write(ask, place.value, access.value, secret);
      if (written.kind === 'indeterminate')
        marks.keep(ref, { mark, confirmed: false, before: before.value.updatedAt, sentAt: before.value.date });
      if (written.kind !== 'done') return written;
      const after = await readStored(ask, place.value);
      if (after.kind !== 'done') return indeterminate(after.fault.code, `written, but its record cannot be read: ${after.fault.message}`);
      marks.keep(ref, { mark, confirmed: true, updatedAt: after.value.updatedAt });
      return done({ storeVersion: `${after.value.updatedAt} key ${written.value}` });
    },
    async holds({ ref }, _account, secret) {
      const ask = begin();
      const place = placed(ref);
      if (place.kind !== 'done') return place;
      const known = marks.last(ref);
      if (known === undefined)
        return refused('unsupported', `${ref}: GitHub never shows a secret; what it holds is only known of values written just now`);
      const present = await readStored(ask, place.value);
      if (present.kind !== 'done') return present;
      const held = verdict(known, marks.of(secret), present.value.updatedAt);
      return held === 'unknown'
        ? refused('conflict', `${ref} was last written at ${present.value.updatedAt}: GitHub does not show with which value`)
        : done(held);
    },
    async reload({ ref, reload }) {
      if (reload === undefined) return done(undefined);
      const place = placed(ref);
      return place.kind === 'done' ? dispatch(begin, io, place.value, reload) : place;
    },
    async healthy({ ref, health }) {
      if (health === undefined) return done(undefined);
      const place = placed(ref);
      return place.kind === 'done' ? succeeded(begin(), place.value, health) : place;
    },
  };
}

type Access = { readonly visibility?: string; readonly selected_repository_ids?: readonly number[] };

/** An organisation's secret is written together with who may use it: what is there is sent again. */
async function accessOf(ask: Ask, { secrets, name, repository }: Place, { visibility }: Stored): Promise<Outcome<Access>> {
  if (repository !== undefined || visibility === undefined) return done({});
  if (visibility !== 'selected') return done({ visibility });
  const ids: number[] = [];
  for (let page = 1; ; page++) {
    const answer = await ask({ method: 'GET', path: [...secrets, name, 'repositories'], query: { per_page: 100, page } }, [200]);
    if (answer.kind !== 'done') return answer;
    const found = listAt(answer.value.body, 'repositories').map((each) => member(each, 'id'));
    ids.push(...found.filter((id): id is number => typeof id === 'number'));
    if (found.length < 100) return done({ visibility, selected_repository_ids: ids });
  }
}

/** The id of the key it was sealed to. A key exchanged between our reading and our writing is answered with 422: then once more with the new one. */
async function write(ask: Ask, place: Place, access: Access, secret: Secret): Promise<Outcome<string>> {
  let last: { readonly key: PublicKey; readonly outcome: Outcome<never> } | undefined;
  for (;;) {
    const key = await readKey(ask, place);
    if (key.kind !== 'done') return key;
    if (last !== undefined && last.key.id === key.value.id) return last.outcome;
    const sealed = await seal(secret, key.value);
    const json = { encrypted_value: sealed, key_id: key.value.id, ...access };
    const answer = await ask({ method: 'PUT', path: [...place.secrets, place.name], json }, [201, 204], [secret]);
    if (answer.kind === 'done') return done(key.value.id);
    if (answer.kind !== 'refused' || answer.fault.target !== '422' || last !== undefined) return answer;
    last = { key: key.value, outcome: answer };
  }
}

async function readKey(ask: Ask, { secrets, ref }: Place): Promise<Outcome<PublicKey>> {
  const answer = await ask({ method: 'GET', path: [...secrets, 'public-key'] }, [200]);
  if (answer.kind !== 'done') return answer;
  const key = publicKey(textAt(answer.value.body, 'key_id'), textAt(answer.value.body, 'key'));
  return key === undefined ? refused('protocol', `${ref}: the answer holds no public key`) : done(key);
}

// Writes one key of one Secret with an optimistic lock, and reads back what the server keeps.
import { type Capabilities, done, type Io, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import type { Ask, Begin } from '../../protocols/http/ask.ts';
import { fieldManager, secretPath } from './api.ts';
import type { Config } from './config.ts';
import { healthy } from './healthy.ts';
import { type StoredSecret, secretIn } from './objects.ts';
import { readSecret } from './read-secret.ts';
import { type Place, placeOf, workloadsOf } from './reference.ts';
import { restart } from './restart.ts';

/** Other writers may win this often before we say so. */
const attempts = 4;

export function store(config: Config, begin: Begin, io: Io): Capabilities['storeConsumer'] {
  const placed = (ref: string): Outcome<Place> => placeOf(ref, config.namespaces);
  return {
    async put({ ref }, _account, secret) {
      const ask = begin();
      const place = placed(ref);
      if (place.kind !== 'done') return place;
      for (let attempt = 0; attempt < attempts; attempt++) {
        const present = await readSecret(ask, place.value);
        if (present.kind !== 'done') return present;
        const why = notOurs(present.value.secret, place.value, config);
        if (why !== undefined) return why;
        const written = await write(ask, place.value, present.value.secret, secret);
        if (written !== 'conflict') return written;
      }
      return refused('conflict', `${ref}: somebody else wrote it at each of ${attempts} attempts`, { target: '409' });
    },
    async holds({ ref }, _account, secret) {
      const ask = begin();
      const place = placed(ref);
      if (place.kind !== 'done') return place;
      const present = await readSecret(ask, place.value);
      return present.kind === 'done' ? done(same(present.value.secret.data?.[place.value.key], secret)) : present;
    },
    async reload({ ref, reload }) {
      if (reload === undefined) return done(undefined);
      const place = placed(ref);
      if (place.kind !== 'done') return place;
      const workloads = workloadsOf(reload);
      return workloads.kind === 'done' ? restart(begin, io, place.value, workloads.value) : workloads;
    },
    async healthy({ ref, health }) {
      if (health === undefined) return done(undefined);
      const place = placed(ref);
      if (place.kind !== 'done') return place;
      const workloads = workloadsOf(health);
      return workloads.kind === 'done' ? healthy(begin(), place.value, workloads.value) : workloads;
    },
  };
}

/** Why a Secret is not Rekey's to write. */
function notOurs({ immutable, type, metadata }: StoredSecret, { ref }: Place, config: Config): Outcome<never> | undefined {
  if (immutable === true)
    return refused('conflict', `${ref}: the Secret is immutable: make one with another name and point the workloads at it`);
  if (type === 'kubernetes.io/service-account-token')
    return refused('conflict', `${ref}: the cluster itself makes this token: delete the Secret and it makes a new one`);
  const owner = metadata.ownerReferences?.[0];
  if (owner !== undefined && !config.writeOwned)
    return refused(
      'conflict',
      `${ref} is kept by ${owner.kind}/${owner.name}, which would write the old value back: change it at its source`,
    );
  return undefined;
}

async function write(
  ask: Ask,
  place: Place,
  present: StoredSecret,
  secret: Secret,
): Promise<Outcome<{ readonly storeVersion: string }> | 'conflict'> {
  const value = secret.use((bytes) => Buffer.from(bytes).toString('base64'));
  const answer = await ask(
    {
      method: 'PATCH',
      path: secretPath(place.namespace, place.name),
      query: { fieldManager },
      headers: { 'content-type': 'application/merge-patch+json' },
      // The version makes the server refuse the patch when anybody wrote since we looked; the rest of the object is not touched.
      json: { metadata: { resourceVersion: present.metadata.resourceVersion }, data: { [place.key]: value } },
    },
    [200, 409],
    [secret],
  );
  if (answer.kind !== 'done') return answer;
  if (answer.value.status === 409) return 'conflict';
  const written = secretIn(answer.value.body);
  if (written.kind !== 'done') return { kind: 'indeterminate', fault: written.fault };
  // The answer is the object as stored: an admission webhook may have changed it.
  if (!same(written.value.data?.[place.key], secret))
    return {
      kind: 'indeterminate',
      fault: { code: 'conflict', message: `${place.ref}: the API server stored another value (an admission webhook?)` },
    };
  return done({ storeVersion: written.value.metadata.resourceVersion });
}

const same = (stored: string | undefined, secret: Secret): boolean =>
  stored !== undefined && secret.use((bytes) => Buffer.from(stored, 'base64').equals(bytes));

// One deliberately broken connector per row: the row must fail on it, or the row proves nothing.
import { type Connection, done, indeterminate, refused, type Secret } from '../../src/kit/kit.ts';
import type { Stage } from './row.ts';

export type Mutant = (stage: Stage) => Stage;

/** Replaces capabilities of the open connection. */
const broken =
  (change: (good: Connection, stage: Stage) => Partial<Connection>): Mutant =>
  (stage) => ({ ...stage, rig: { ...stage.rig, connection: { ...stage.rig.connection, ...change(stage.rig.connection, stage) } } });

const without =
  (...names: (keyof Connection)[]): Mutant =>
  (stage) => {
    const connection = { ...stage.rig.connection };
    for (const name of names) delete connection[name];
    return { ...stage, rig: { ...stage.rig, connection } };
  };

/** The mutated capability must be there: mutants are written for the row's own fixture. */
const good = <K extends keyof Connection>(connection: Connection, name: K): NonNullable<Connection[K]> =>
  connection[name] as NonNullable<Connection[K]>;

const yes = { verdict: 'accepted', code: 'OK' } as const;
const no = { verdict: 'rejected', code: '49' } as const;
const setAlways = (outcome: Awaited<ReturnType<NonNullable<Connection['setSecret']>['set']>>): Mutant =>
  broken(() => ({ setSecret: { set: async () => outcome } }));
const probeAlways = (probed: { verdict: 'accepted' | 'rejected' | 'indeterminate'; code: string }): Mutant =>
  broken((c) => ({ probe: { ...good(c, 'probe'), attempt: async () => probed } }));
const leak = (secret: Secret): string => secret.text((text) => `could not set "${text}"`);
const never = new Promise<never>(() => {});

const leaking: Mutant = broken((c) => ({
  ...(c.setSecret === undefined ? {} : { setSecret: { set: async (_, secret) => refused('policy', leak(secret)) } }),
  ...(c.storeConsumer === undefined
    ? {}
    : { storeConsumer: { ...c.storeConsumer, put: async (_c, _a, secret) => refused('policy', leak(secret)) } }),
}));

export const mutants: Readonly<Record<string, Mutant>> = {
  'an open connection has exactly the declared capabilities': without('lockout'),

  'paging ends, keeps to its limit, repeats nothing and finds the account': broken((c) => ({
    inventory: { page: (q) => good(c, 'inventory').page(q.cursor === '6' ? { ...q, cursor: '5' } : q) },
  })),
  'the policy that is read is the policy that is enforced': broken(() => ({
    passwordPolicy: { read: async () => done({ minLength: 20 }) },
  })),
  'checks of a working target pass and say something': broken(() => ({ check: { async *run() {} } })),
  'checks of a target that is down say so, with the next step, and end': broken(() => ({
    check: {
      async *run() {
        yield { id: 'reach', verdict: 'fail', message: 'down' } as const;
      },
    },
  })),

  'a set that is done is live at the target, and the old value is not': setAlways(done(undefined)),
  'setting the same secret again is safe': broken((c) => {
    let calls = 0;
    return {
      setSecret: { set: (a, s) => (calls++ === 0 ? good(c, 'setSecret').set(a, s) : Promise.resolve(refused('policy', 'used before'))) },
    };
  }),
  'an account that is not there is refused, not created': setAlways(done(undefined)),
  'an answer lost after the change is indeterminate, and a probe then says applied': broken((c) => ({
    setSecret: {
      async set(a, s) {
        await good(c, 'setSecret').set(a, s);
        return refused('unreachable', 'timed out');
      },
    },
  })),
  'a request lost before the change is never done, and probes then say unchanged': setAlways(done(undefined)),
  'a value against the policy is refused as policy and nothing changes': setAlways(indeterminate('protocol', 'error 19')),
  'a throttled write is refused and says how long to wait': setAlways(refused('throttled', 'too many calls')),
  'a target that is down refuses a write as unreachable': setAlways(indeterminate('unreachable', 'connection refused')),
  'a slow target is given up within the timeout, as indeterminate': setAlways(refused('unreachable', 'timed out')),
  'an abort in the middle of a call ends it at once': broken((c) => ({
    setSecret: {
      set: (a, s) => Promise.race([never, new Promise((wake) => setTimeout(wake, 900)).then(() => good(c, 'setSecret').set(a, s))]),
    },
  })),
  'a blocked account turns its own secret away as blocked, and comes back': broken((c) => ({
    probe: {
      ...good(c, 'probe'),
      async attempt(...call) {
        const probed = await good(c, 'probe').attempt(...call);
        return probed.verdict === 'blocked' ? no : probed;
      },
    },
  })),
  'two slots live side by side until one is retired; an absent slot retires as done': broken((c) => ({
    dualSecret: {
      ...good(c, 'dualSecret'),
      retire: (a, slot) =>
        slot === 'no-such-slot' ? Promise.resolve(refused('not-found', 'no such slot')) : good(c, 'dualSecret').retire(a, slot),
    },
  })),
  'while an overlap is open both values are accepted; closed, only the new one; opened or closed twice is safe': broken((c) => ({
    overlap: { ...good(c, 'overlap'), close: async () => done(undefined) },
  })),

  'after a reset the new secret is accepted, the old and any other are rejected by name of the error': probeAlways(yes),
  'an empty secret is never sent: many targets take it as an anonymous login': probeAlways(yes),
  'a target that is down says nothing about a secret': probeAlways(no),
  'a locked account does not say "rejected" to its own secret': probeAlways(no),
  'failed logins are counted, and the threshold is told': broken(() => ({
    lockout: { read: async () => done({ threshold: 3, failures: 0, resetsOnSuccess: true }) },
  })),
  'an account that takes any value is seen: nonsense is accepted': probeAlways(no),
  'every change moves the marker, and one value is live': broken((c) => ({
    state: { ...good(c, 'state'), read: async () => done({ marker: 'fixed', usable: true }) },
  })),
  'a second stored value is seen in the state and by the probe': broken((c) => ({
    state: { ...good(c, 'state'), read: async () => done({ marker: 'm', usable: true, values: 1 }) },
  })),
  'a replica that is behind is seen in its state and by the probe of it': broken((c) => ({
    // Asks the first node whatever replica is named: the classic wrong-replica probe.
    probe: { ...good(c, 'probe'), attempt: (a, s, where) => good(c, 'probe').attempt(a, s, { ...where, replica: 'node-1' }) },
  })),
  'a restart that brings the old value back is seen in the state': broken((c) => {
    const seen = new Map<string, ReturnType<NonNullable<Connection['state']>['read']>>();
    const cached: NonNullable<Connection['state']>['read'] = (a, replica) => {
      const known = seen.get(replica) ?? good(c, 'state').read(a, replica);
      seen.set(replica, known);
      return known;
    };
    return { state: { ...good(c, 'state'), read: cached } };
  }),
  'a session opened before the reset is listed, and ended or honestly left': broken((c) => ({
    sessions: { ...good(c, 'sessions'), end: async () => done({ ended: 2, left: 0 }) },
  })),

  'a put is read by consumers, and holds proves it': broken((c) => ({
    storeConsumer: { ...good(c, 'storeConsumer'), holds: async () => done(true) },
  })),
  'putting the same secret again is safe, and its version is no digest of it': broken((c) => ({
    storeConsumer: {
      ...good(c, 'storeConsumer'),
      async put(consumer, account, secret) {
        await good(c, 'storeConsumer').put(consumer, account, secret);
        const { createHash } = await import('node:crypto');
        return done({ storeVersion: secret.use((bytes) => createHash('sha256').update(bytes).digest('hex')) });
      },
    },
  })),
  'a place that is not there is refused, and nothing is made up': broken((c) => ({
    storeConsumer: { ...good(c, 'storeConsumer'), put: async () => done({ storeVersion: '1' }) },
  })),
  'a consumer without reload and health check has nothing to do and says nothing': broken((c) => ({
    storeConsumer: { ...good(c, 'storeConsumer'), healthy: async () => done(true) },
  })),

  'no answer holds a secret (plain)': leaking,
  'no answer holds a secret (reply-lost)': leaking,
  'no answer holds a secret (request-lost)': leaking,
  'no answer holds a secret (policy)': leaking,
  'no answer holds a secret (throttled)': leaking,
  // An exception out of a connector is a bug, whatever it says: the engine would not know whether the target changed.
  'no answer holds a secret (unreachable)': broken(() => ({ setSecret: { set: () => Promise.reject(new Error('socket hang up')) } })),
  'no answer holds a secret (missing)': leaking,
};

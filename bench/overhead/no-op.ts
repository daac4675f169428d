// A target that costs nothing, so that what is measured is Rekey: it accepts the newest secret and refuses every other, by label alone.
import type { Connection } from '../../src/kit/connector.ts';
import { done } from '../../src/kit/outcome.ts';

const where = { path: 'login', replica: 'only' };

export function noOpTarget(): Connection {
  return {
    setSecret: { set: async () => done(undefined) },
    lockout: { read: async () => done({ threshold: 0, failures: 0, resetsOnSuccess: true }) },
    sessions: { list: async () => done([]), end: async () => done({ ended: 0, left: 0 }) },
    probe: {
      paths: async () => [where],
      attempt: async (_account, secret) =>
        secret.label.startsWith('v') ? { verdict: 'accepted', code: '0' } : { verdict: 'rejected', code: '49' },
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

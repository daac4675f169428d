// Changes of a role: its secret (as a verifier made here) and whether it may log in. Setting the same secret again is safe.
import { type Capabilities, refused, type Secret } from '../../kit/kit.ts';
import { alterRole } from './alter.ts';
import { type Rules, readRules } from './policy.ts';
import { defaultIterations, isPlain, verifierOf } from './scram.ts';
import type { Server } from './server.ts';

export function setSecret(primary: Server, isOwn: (name: string) => boolean, keepOwn: (secret: Secret) => void): Capabilities['setSecret'] {
  const rulesNow = rulesOnce(primary);
  return {
    async set(account, secret) {
      if (!isPlain(secret))
        return refused(
          'policy',
          'a secret must be printable ASCII and not empty: for anything else server and clients prepare it differently',
        );
      const rules = await rulesNow();
      // The server cannot look into a verifier: its rule on length is kept here.
      const minLength = rules?.minLength ?? 0;
      if (secret.use((bytes) => bytes.length) < minLength) return refused('policy', `the server asks for at least ${minLength} characters`);
      const verifier = await verifierOf(secret, rules?.iterations ?? defaultIterations);
      const outcome = await alterRole(primary, account, `PASSWORD '${verifier}'`);
      if (outcome.kind === 'done' && isOwn(account.name)) keepOwn(secret);
      return outcome;
    },
  };
}

/** Read once; an unreadable answer is asked for again the next time. */
function rulesOnce(primary: Server): () => Promise<Rules | undefined> {
  let known: Promise<Rules | undefined> | undefined;
  return async () => {
    known ??= readRules(primary).then((read) => (read.kind === 'done' ? read.value : undefined));
    const rules = await known;
    if (rules === undefined) known = undefined;
    return rules;
  };
}

export function contain(primary: Server, isOwn: (name: string) => boolean): Capabilities['contain'] {
  return {
    async block(account) {
      if (isOwn(account.name)) return refused('unsupported', 'this is the role Rekey itself logs in with: blocking it would end the run');
      return alterRole(primary, account, 'NOLOGIN');
    },
    async unblock(account) {
      return alterRole(primary, account, 'LOGIN');
    },
  };
}

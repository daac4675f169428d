// Changes of a role: its secret (as a verifier made here) and whether it may log in. Setting the same secret again is safe.
import { type Capabilities, refused, type Secret } from '../../kit/kit.ts';
import { alterRole } from './alter.ts';
import { defaultIterations, isPlain, verifierOf } from './scram.ts';
import type { Server } from './server.ts';

export function setSecret(primary: Server, isOwn: (name: string) => boolean, keepOwn: (secret: Secret) => void): Capabilities['setSecret'] {
  let iterations: Promise<number> | undefined;
  return {
    async set(account, secret) {
      if (!isPlain(secret))
        return refused(
          'policy',
          'a secret must be printable ASCII and not empty: for anything else server and clients prepare it differently',
        );
      iterations ??= readIterations(primary);
      const verifier = await verifierOf(secret, await iterations);
      const outcome = await alterRole(primary, account, `PASSWORD '${verifier}'`);
      if (outcome.kind === 'done' && isOwn(account.name)) keepOwn(secret);
      return outcome;
    },
  };
}

/** 16 and later say how many rounds they want; an unreadable answer falls back to the fixed number of earlier servers. */
async function readIterations(primary: Server): Promise<number> {
  const answer = await primary.query<{ n: string | null }>("SELECT current_setting('scram_iterations', true) AS n");
  const n = answer.kind === 'rows' ? Number(answer.rows[0]?.n ?? 0) : 0;
  return Number.isInteger(n) && n > 0 ? n : defaultIterations;
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

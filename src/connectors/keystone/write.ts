// The admin's reset of a password, and the switch that lets a user log in. Both may be repeated. Tokens given out before end with either.
import { type AccountRef, type Capabilities, done, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import type { Meaning } from '../../protocols/http/call.ts';
import type { Identity } from '../../protocols/keystone/identity.ts';
import { longestBytes } from './policy.ts';

/** 400: the body was read and refused before anything was stored. What was refused can only be the value: the rest of the body is ours. */
const setMeanings: Readonly<Record<number, Meaning>> = {
  400: { fault: 'policy', certain: true, say: 'the server does not take this password' },
  403: {
    fault: 'permission',
    certain: true,
    say: 'the Rekey user may not change this user (or it lives in a directory the service cannot write to)',
  },
};

export function setSecret(identity: Identity, keepOwn: (secret: Secret) => void): Capabilities['setSecret'] {
  return {
    async set(account, secret) {
      // Beyond it bcrypt forgets the rest: two values would open the account.
      if (secret.use((bytes) => bytes.length) > longestBytes)
        return refused('policy', `more than ${longestBytes} bytes: the service would look at the first ${longestBytes} only`);
      const me = await identity.me();
      if (me.kind !== 'done') return me;
      const outcome = await secret.text((password) => patch(identity, account, { password }, [secret]));
      if (outcome.kind === 'done' && me.value === account.id) keepOwn(secret);
      return outcome;
    },
  };
}

export function contain(identity: Identity): Capabilities['contain'] {
  return {
    async block(account) {
      const me = await identity.me();
      if (me.kind !== 'done') return me;
      if (me.value === account.id) return refused('unsupported', 'this is the user Rekey itself logs in as: blocking it would end the run');
      return patch(identity, account, { enabled: false });
    },
    unblock: (account) => patch(identity, account, { enabled: true }),
  };
}

async function patch(identity: Identity, account: AccountRef, user: object, sent: readonly Secret[] = []): Promise<Outcome<void>> {
  const answer = await identity.ask({ method: 'PATCH', path: ['v3', 'users', account.id], json: { user } }, [200], sent, setMeanings);
  return answer.kind === 'done' ? done(undefined) : answer;
}

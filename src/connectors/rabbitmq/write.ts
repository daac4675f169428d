// Changes of a user: its hash, with the tags it has, read back; and the limit of connections that blocks it. Permissions are never touched.
import { type AccountRef, type Capabilities, done, type Io, indeterminate, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import { limitsOf } from '../../protocols/tcp/dial.ts';
import { type Api, pathOf } from './api.ts';
import { isSuccess, outcomeOf } from './fault.ts';
import { algorithm, hashOf } from './hash.ts';
import { readUser } from './user.ts';

type Own = { isOwn(name: string): boolean; keepOwn(secret: Secret): void };

export function setSecret(api: Api, io: Io, own: Own): Capabilities['setSecret'] {
  return {
    async set(account, secret) {
      // An empty password hash means that no password opens the user; an empty password has none.
      if (secret.use((bytes) => bytes.length === 0)) return refused('policy', 'a secret must not be empty');
      const limits = limitsOf(io);
      const before = await readUser(api, account, limits);
      if (before.kind !== 'done') return { kind: 'refused', fault: before.fault };
      if (own.isOwn(account.id)) own.keepOwn(secret);
      const hash = hashOf(secret);
      const { tags } = before.value.user;
      const answer = await api.call(
        'PUT',
        pathOf('users', account.id),
        { password_hash: hash, hashing_algorithm: algorithm, tags },
        limits,
      );
      if (!isSuccess(answer)) return outcomeOf(answer);
      // 201: the user was deleted since we looked, and our change made a new one.
      if (answer.status === 201) return unmake(api, account);
      const after = await readUser(api, account, limits);
      if (after.kind !== 'done')
        return indeterminate('protocol', 'changed, but what the broker holds now could not be read', {
          target: after.fault.target ?? 'EPROTO',
        });
      if (after.value.user.hash === hash) return done(undefined);
      return indeterminate('conflict', 'the broker holds something else than what was sent: somebody changes this user at the same time');
    },
  };
}

async function unmake(api: Api, account: AccountRef): Promise<Outcome<void>> {
  const answer = await api.call('DELETE', pathOf('users', account.id));
  if (isSuccess(answer)) return refused('not-found', 'the user was deleted while it was changed', { target: '201' });
  return indeterminate('conflict', 'the user was deleted while it was changed, and is there again without its permissions: delete it', {
    target: '201',
  });
}

/**
 * The broker cannot disable a user. Without one allowed connection its secret opens no AMQP, MQTT or STOMP door, and is still the right one. The
 * management API has no such limit: users that have a tag for it cannot be blocked this way.
 */
export function contain(api: Api, isOwn: (name: string) => boolean): Capabilities['contain'] {
  const limit = (account: AccountRef): string => pathOf('user-limits', account.id, 'max-connections');
  return {
    async block(account) {
      if (isOwn(account.id)) return refused('unsupported', 'this is the user Rekey itself logs in as: blocking it would end the run');
      const read = await readUser(api, account);
      if (read.kind !== 'done') return read;
      const { tagList, mostConnections } = read.value.user;
      if (mostConnections === 0) return done(undefined);
      if (tagList.length > 0)
        return refused(
          'unsupported',
          `a user with tags (${tagList.join(', ')}) still reaches the management API: only a reset shuts it out`,
        );
      if (mostConnections !== undefined)
        return refused(
          'unsupported',
          `the user has a limit of ${mostConnections} connections, which unblocking could not bring back: remove it first`,
        );
      const answer = await api.call('PUT', limit(account), { value: 0 });
      return isSuccess(answer) ? done(undefined) : outcomeOf(answer);
    },
    async unblock(account) {
      const read = await readUser(api, account);
      if (read.kind !== 'done') return read;
      // Another limit than 0 is not ours.
      if (read.value.user.mostConnections !== 0) return done(undefined);
      const answer = await api.call('DELETE', limit(account));
      return isSuccess(answer) ? done(undefined) : outcomeOf(answer);
    },
  };
}

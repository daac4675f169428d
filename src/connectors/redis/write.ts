// Changes of a user on every server: hashes made here, one atomic command each, stored to disk in the same breath and read back. Repeating one is safe.
import { createHash } from 'node:crypto';
import { type AccountRef, type Capabilities, done, type Io, indeterminate, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import { type Limits, limitsOf } from '../../protocols/tcp/dial.ts';
import type { Config } from './config.ts';
import { outcomeOf } from './fault.ts';
import type { Command, Node } from './node.ts';
import { aclFileQuestion, persistBy } from './persist.ts';
import { getUser, missing, type User, userOf } from './user.ts';

export type Target = {
  readonly nodes: readonly [Node, ...Node[]];
  readonly settings: Config;
  readonly io: Io;
  isOwn(name: string): boolean;
  /** Called before a value goes out: from then on the server may hold it. */
  keepOwn(secret: Secret): void;
};

/** The server keeps an unsalted SHA-256: only what cannot be guessed is safe under it. 20 characters of the generator's alphabet are 123 bits. */
export const minLength = 20;

type Change = {
  readonly rules: (before: User) => readonly string[];
  /** What the server must hold afterwards. */
  readonly holds: (after: User, before: User) => boolean;
  /** Why it must not be made, where it must not. */
  readonly objection?: (before: User) => Outcome<never> | undefined;
};

export function setSecret(target: Target): Capabilities['setSecret'] {
  return { set: (account, secret) => withHash(target, account, secret, only) };
}

export function overlap(target: Target): Capabilities['overlap'] {
  return {
    open: (account, secret) =>
      withHash(target, account, secret, (hash) => ({
        rules: () => [`#${hash}`],
        holds: (after, before) => after.hashes.includes(hash) && !after.nopass && after.on === before.on,
        // The first password takes `nopass` away: what connected with anything before would be cut off.
        objection: (before) =>
          before.nopass
            ? refused('unsupported', 'this user is open to any password (nopass): there is no old one to keep beside the new one')
            : undefined,
      })),
    close: (account, secret) => withHash(target, account, secret, only),
  };
}

/** `resetpass` also takes `nopass` away; user, rules and the state on or off stay. */
const only = (hash: string): Change => ({
  rules: () => ['resetpass', `#${hash}`],
  // Not on any more: deleted meanwhile, and made anew by our own command, without any right.
  holds: (after, before) => after.hashes.length === 1 && after.hashes[0] === hash && !after.nopass && after.on === before.on,
});

export function contain(target: Target): Capabilities['contain'] {
  return {
    async block(account) {
      if (target.isOwn(account.id))
        return refused('unsupported', 'this is the user Rekey itself logs in as: blocking it would end the run');
      return change(target, account, { rules: () => ['off'], holds: (after) => !after.on });
    },
    unblock: (account) => change(target, account, { rules: () => ['on'], holds: (after) => after.on }),
  };
}

export const hashOf = (secret: Secret): string => secret.use((bytes) => createHash('sha256').update(bytes).digest('hex'));

async function withHash(target: Target, account: AccountRef, secret: Secret, make: (hash: string) => Change): Promise<Outcome<void>> {
  if (secret.use((bytes) => bytes.length) < minLength)
    return refused('policy', `a secret must have at least ${minLength} characters: the server keeps an unsalted hash of it`);
  if (target.isOwn(account.id)) target.keepOwn(secret);
  return change(target, account, make(hashOf(secret)));
}

type Place = { readonly node: Node; readonly before: User; readonly persist: Command | undefined };

/**
 * All servers are looked at before the first is written. The first server is written last: what is probed after a doubt is the first, so a
 * change that reached only some of the others is seen as not made, and made again.
 */
async function change(target: Target, account: AccountRef, wanted: Change): Promise<Outcome<void>> {
  const limits = limitsOf(target.io);
  const looked = await Promise.all(target.nodes.map((node) => look(target, node, account, wanted, limits)));
  const places: Place[] = [];
  for (const each of looked) {
    // Nothing has been sent yet, whatever the reason was.
    if (each.kind !== 'done') return { kind: 'refused', fault: each.fault };
    if (each.value !== undefined) places.push(each.value);
  }
  const [first, ...others] = places;
  if (first === undefined) return missing('any server');
  if (places.length < target.nodes.length) {
    const without = target.nodes.filter((node) => !places.some((place) => place.node === node)).map(({ endpoint }) => endpoint.replica);
    return refused(
      'conflict',
      `the user does not exist on ${without.join(', ')}: create it there, or make that server a system of its own`,
    );
  }
  const outcomes = await Promise.all(others.map((place) => write(place, account, wanted, limits)));
  const open = outcomes.find((outcome) => outcome.kind !== 'done');
  if (open !== undefined)
    return outcomes.every((outcome) => outcome.kind === 'refused') ? open : { kind: 'indeterminate', fault: open.fault };
  const last = await write(first, account, wanted, limits);
  return last.kind === 'refused' && others.length > 0 ? { kind: 'indeterminate', fault: last.fault } : last;
}

async function look(target: Target, node: Node, account: AccountRef, wanted: Change, limits: Limits): Promise<Outcome<Place | undefined>> {
  const where = node.endpoint.replica;
  const [found, ...about] = await node.read([getUser(account), ...aclFileQuestion], limits);
  const before = userOf(found, where);
  if (before.kind !== 'done') return before;
  if (before.value === undefined) return done(undefined);
  const objection = wanted.objection?.(before.value);
  if (objection !== undefined) return objection;
  const persist = persistBy(about, where);
  if (persist.kind !== 'done') return persist;
  if (persist.value === undefined && target.settings.persist === 'always')
    return refused(
      'unsupported',
      `${where} keeps its users in memory only, so a restart would bring the old secret back: give it an aclfile or a config file, or say persist: where-possible`,
    );
  return done({ node, before: before.value, persist: persist.value });
}

async function write(place: Place, account: AccountRef, wanted: Change, limits: Limits): Promise<Outcome<void>> {
  const { node, before, persist } = place;
  const where = node.endpoint.replica;
  const commands = [['ACL', 'SETUSER', account.id, ...wanted.rules(before)], ...(persist === undefined ? [] : [persist]), getUser(account)];
  const answers = await node.once(commands, limits);
  const [set] = answers;
  if (set?.kind !== 'reply') return set === undefined ? indeterminate('protocol', `${where} did not answer`) : outcomeOf(set, where);
  const stored = persist === undefined ? undefined : answers[1];
  if (stored !== undefined && stored.kind !== 'reply')
    return stored.kind === 'failed' ? takeBack(place, account, limits, stored.code) : outcomeOf(stored, where);
  const after = userOf(answers.at(-1), where);
  if (after.kind !== 'done')
    return indeterminate('protocol', `${where}: changed, but what it holds now could not be read`, {
      target: after.fault.target ?? 'EPROTO',
    });
  if (after.value !== undefined && wanted.holds(after.value, before)) return done(undefined);
  return indeterminate('conflict', `${where} holds something else than what was sent: somebody changes this user at the same time`);
}

/** A change that could not be stored would be undone by a restart, unseen: it is taken back at once and said to be not made. */
async function takeBack(place: Place, account: AccountRef, limits: Limits, code: string): Promise<Outcome<void>> {
  const { node, before } = place;
  const where = node.endpoint.replica;
  const rules = ['resetpass', ...(before.nopass ? ['nopass'] : []), ...before.hashes.map((hash) => `#${hash}`), before.on ? 'on' : 'off'];
  const [answer] = await node.once([['ACL', 'SETUSER', account.id, ...rules]], limits);
  if (answer?.kind === 'reply')
    return refused('conflict', `${where} could not store its users on disk (${code}), so the change was taken back`, { target: code });
  return indeterminate('conflict', `${where} changed the user but could not store it on disk: a restart brings the old secret back`, {
    target: code,
  });
}

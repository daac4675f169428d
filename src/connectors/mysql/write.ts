// Changes of one account: its password as a hash made here, a second one retained beside it, and the lock. A secondary password is never forgotten.
import { type AccountRef, type Capabilities, done, indeterminate, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import { idOf, literal, type Name, nameOf, quoted } from '../../protocols/mysql/account-name.ts';
import { outcomeOf } from '../../protocols/mysql/fault.ts';
import type { Hands } from '../../protocols/mysql/open-servers.ts';
import { isPlain, nativeHash, sha2Hash, sha2Holds } from '../../protocols/mysql/password-hash.ts';
import { type AccountRecord, isRole, readRecord } from './record.ts';
import { broken, readRules } from './rules.ts';

/** A plain ALTER leaves a secondary password as it is, still valid: it is discarded each time, whether one was seen or not. */
export function setSecret(hands: Hands): Capabilities['setSecret'] {
  return {
    set: (account, secret) =>
      prepared(hands, account, secret, async (record) => {
        const changed = await write(hands, identified(record, secret, ''));
        return changed.kind === 'done' ? discard(hands, record.name) : changed;
      }),
  };
}

export function overlap(hands: Hands): Capabilities['overlap'] {
  return {
    // RETAIN sent twice would make the new password its own secondary and drop the old one: so it is looked for first.
    open: (account, secret) =>
      prepared(hands, account, secret, async (record) =>
        holds(record, secret) ? done(undefined) : write(hands, identified(record, secret, ' RETAIN CURRENT PASSWORD')),
      ),
    close: (account, secret) =>
      prepared(hands, account, secret, async (record) => {
        const changed = holds(record, secret) ? done(undefined) : await write(hands, identified(record, secret, ''));
        return changed.kind === 'done' ? discard(hands, record.name) : changed;
      }),
  };
}

/** The lock is told only to those with the right password; open sessions stay. */
export function contain(hands: Hands): Capabilities['contain'] {
  const alter = async (account: AccountRef, lock: 'LOCK' | 'UNLOCK'): Promise<Outcome<void>> => {
    const name = nameOf(account.id);
    return name === undefined ? notAnAccount(account) : write(hands, `ALTER USER ${quoted(name)} ACCOUNT ${lock}`);
  };
  return {
    async block(account) {
      if (await hands.isOwn(account.id))
        return refused('unsupported', 'this is the account Rekey itself logs in with: blocking it would end the run');
      return alter(account, 'LOCK');
    },
    unblock: (account) => alter(account, 'UNLOCK'),
  };
}

/** The secondary is gone when the account's own record says so. Until then the change is there and not complete. */
async function discard(hands: Hands, name: Name): Promise<Outcome<void>> {
  const discarded = await write(hands, `ALTER USER ${quoted(name)} DISCARD OLD PASSWORD`);
  if (discarded.kind !== 'done')
    return indeterminate(
      discarded.fault.code,
      `the new password is set, the old one may still stand beside it: ${discarded.fault.message}`,
      discarded.fault,
    );
  const record = await readRecord(hands.servers[0], name);
  if (record.kind !== 'done')
    return indeterminate(
      record.fault.code,
      `the new password is set, whether the old one is gone cannot be read: ${record.fault.message}`,
      record.fault,
    );
  return record.value.second === undefined
    ? done(undefined)
    : indeterminate('protocol', 'the new password is set, and the record still shows a second one', { target: 'additional_password' });
}

async function prepared(
  hands: Hands,
  account: AccountRef,
  secret: Secret,
  work: (record: AccountRecord) => Promise<Outcome<void>>,
): Promise<Outcome<void>> {
  const name = nameOf(account.id);
  if (name === undefined) return notAnAccount(account);
  if (!isPlain(secret))
    return refused('policy', 'a secret must be printable ASCII and not empty: anything else depends on the character set of each client');
  const [primary] = hands.servers;
  const rules = await readRules(primary);
  const rule = rules.kind === 'done' ? broken(rules.value, secret) : undefined;
  if (rule !== undefined) return refused('policy', rule);
  const record = await readRecord(primary, name);
  // Nothing was sent that could change anything: a reading that was lost is no doubt about the change.
  if (record.kind !== 'done') return record.kind === 'refused' ? record : refused('unreachable', record.fault.message, record.fault);
  if (isRole(record.value)) return refused('not-found', `${idOf(name)} is a role: it does not log in`, { target: '1396' });
  const { plugin, stored } = record.value;
  if (hashes[plugin] === undefined)
    return refused(
      'unsupported',
      plugin === 'sha256_password'
        ? 'sha256_password is not set here: move the account to caching_sha2_password first'
        : `${idOf(name)} logs in by ${plugin}: it has no password to reset`,
    );
  if (isOff(stored)) return refused('unsupported', `${idOf(name)} has no valid password: a new one would open a way in that is closed`);
  // Asked before the change: after it a new connection with the old secret would be turned away.
  const isOwn = await hands.isOwn(account.id);
  const outcome = await work(record.value);
  if (outcome.kind === 'done' && isOwn) hands.keepOwn(secret);
  return outcome;
}

async function write(hands: Hands, statement: string): Promise<Outcome<void>> {
  const answer = await hands.servers[0].once(statement);
  for (const server of hands.servers) server.lookSoon();
  return answer.kind === 'rows' ? done(undefined) : outcomeOf(answer);
}

/** AS takes the stored form, with RETAIN too (WL#11540). The plugin stays: changing it would drop a secondary password and clients are set up for it. */
function identified({ name, plugin }: AccountRecord, secret: Secret, retain: string): string {
  const hash = hashes[plugin]?.(secret) ?? '';
  return `ALTER USER ${quoted(name)} IDENTIFIED WITH ${literal(plugin)} AS ${literal(hash)}${retain}`;
}

const hashes: Readonly<Record<string, (secret: Secret) => string>> = {
  caching_sha2_password: (secret) => sha2Hash(secret),
  mysql_native_password: nativeHash,
};

/** Whether the first password is this secret already. */
function holds({ plugin, stored }: AccountRecord, secret: Secret): boolean {
  return plugin === 'mysql_native_password' ? stored === nativeHash(secret) : sha2Holds(stored, secret) === true;
}

/** MySQL's own accounts hold a text no password has, in the form of a hash or not. */
const isOff = (stored: string): boolean =>
  stored !== '' &&
  (/THISIS(NOTAVALIDPASSWORD|ACOMBINATIONOFINVALIDSALT)/.test(stored) ||
    !/^\*[0-9A-F]{40}$|^\$A\$[0-9A-F]{3}\$[\s\S]{20}[./0-9A-Za-z]{43}$/i.test(stored));

const notAnAccount = (account: AccountRef): Outcome<never> =>
  refused('not-found', `the account id "${account.id}" is not user@host: run rekey discover`);

// Changes of one account: its password as a hash made here, a second one beside the old, and the lock. Other ways in (unix_socket, pam) stay as they are.
import { type AccountRef, type Capabilities, done, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import { idOf, literal, nameOf, quoted } from '../../protocols/mysql/account-name.ts';
import { outcomeOf } from '../../protocols/mysql/fault.ts';
import type { Hands } from '../../protocols/mysql/open-servers.ts';
import { ed25519Hash, isPlain, nativeHash } from '../../protocols/mysql/password-hash.ts';
import type { Server } from '../../protocols/mysql/server.ts';
import { type AccountRecord, isOff, type Method, readRecord, takesPassword } from './record.ts';
import { broken, type Rules, readRules } from './rules.ts';

export function setSecret(hands: Hands): Capabilities['setSecret'] {
  const rules = rulesOnce(hands.servers[0]);
  return { set: (account, secret) => change(hands, rules, account, secret, (record, fresh) => [fresh, ...others(record)]) };
}

/** `VIA a USING new OR a USING old`: the server takes both, each with its own plugin. */
export function overlap(hands: Hands): Capabilities['overlap'] {
  const rules = rulesOnce(hands.servers[0]);
  return {
    open: (account, secret) =>
      change(hands, rules, account, secret, (record, fresh) => [
        fresh,
        ...record.methods.filter((each) => each.plugin !== fresh.plugin || each.stored !== fresh.stored),
      ]),
    close: (account, secret) => change(hands, rules, account, secret, (record, fresh) => [fresh, ...others(record)]),
  };
}

/** The lock tells nobody whether a wrong password was wrong; open sessions stay. */
export function contain(hands: Hands): Capabilities['contain'] {
  const alter = async (account: AccountRef, lock: 'LOCK' | 'UNLOCK'): Promise<Outcome<void>> => {
    const name = nameOf(account.id);
    if (name === undefined) return notAnAccount(account);
    return write(hands, `ALTER USER ${quoted(name)} ACCOUNT ${lock}`);
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

async function change(
  hands: Hands,
  rulesNow: () => Promise<Rules | undefined>,
  account: AccountRef,
  secret: Secret,
  methods: (record: AccountRecord, fresh: Method) => readonly Method[],
): Promise<Outcome<void>> {
  const name = nameOf(account.id);
  if (name === undefined) return notAnAccount(account);
  if (!isPlain(secret))
    return refused('policy', 'a secret must be printable ASCII and not empty: anything else depends on the character set of each client');
  const rules = await rulesNow();
  const rule = rules === undefined ? undefined : broken(rules, secret);
  if (rule !== undefined) return refused('policy', rule);
  const record = await readRecord(hands.servers[0], name);
  // Nothing was sent that could change anything: a reading that was lost is no doubt about the change.
  if (record.kind !== 'done') return record.kind === 'refused' ? record : refused('unreachable', record.fault.message, record.fault);
  const fresh = freshMethod(record.value, secret);
  if (fresh.kind !== 'done') return fresh;
  // Asked before the change: after it a new connection with the old secret would be turned away.
  const isOwn = await hands.isOwn(account.id);
  const outcome = await write(
    hands,
    `ALTER USER ${quoted(name)} IDENTIFIED VIA ${methods(record.value, fresh.value).map(rendered).join(' OR ')}`,
  );
  if (outcome.kind === 'done' && isOwn) hands.keepOwn(secret);
  return outcome;
}

async function write(hands: Hands, statement: string): Promise<Outcome<void>> {
  const [primary] = hands.servers;
  const answer = await primary.once(statement);
  for (const server of hands.servers) server.lookSoon();
  if (answer.kind === 'rows') return done(undefined);
  if (answer.kind === 'failed' && answer.errno === 1396) return unchanged(await readRules(primary));
  return outcomeOf(answer);
}

/** 1396 stands for a missing account and for every reason not to change one; that strict validation forbids hashes is a warning beneath it. */
function unchanged(rules: Outcome<Rules>): Outcome<never> {
  if (rules.kind === 'done' && rules.value.strict)
    return refused(
      'policy',
      'strict_password_validation is on, so the server takes no hashes: turn it off for the run, Rekey keeps the rules itself',
      {
        target: '1396',
      },
    );
  return refused('not-found', 'the account does not exist, or the server cannot change it (1396)', { target: '1396' });
}

/**
 * The plugin of the first password method stays: clients are set up for it. One password method is left in the end: were there two, a stored
 * value that is not ours could not be told from one that is.
 */
function freshMethod(record: AccountRecord, secret: Secret): Outcome<Method> {
  const live = record.methods.filter((each) => takesPassword(each) && !isOff(each));
  const plugin = (live.find(({ plugin: p }) => p in hashes) ?? live[0])?.plugin;
  if (plugin === undefined) {
    const ways = record.methods.map((each) => (isOff(each) ? 'no valid password' : each.plugin)).join(', ');
    return refused('unsupported', `${idOf(record.name)} has no password to reset (${ways}): a new one would open a way in that is closed`);
  }
  const hash = hashes[plugin];
  if (hash === undefined)
    return refused('unsupported', `the hash of ${plugin} is not made here: move the account to ed25519 or mysql_native_password first`);
  return done({ plugin, stored: hash(secret) });
}

const hashes: Readonly<Record<string, (secret: Secret) => string>> = { mysql_native_password: nativeHash, ed25519: ed25519Hash };

const others = (record: AccountRecord): readonly Method[] => record.methods.filter((each) => !takesPassword(each) || isOff(each));

/** A method without a stored text must be named without one: an empty text may mean something else to a plugin. */
function rendered({ plugin, stored }: Method): string {
  const name = `\`${plugin.replaceAll('`', '``')}\``;
  return stored === '' && !takesPassword({ plugin, stored }) ? name : `${name} USING ${literal(stored)}`;
}

const notAnAccount = (account: AccountRef): Outcome<never> =>
  refused('not-found', `the account id "${account.id}" is not user@host: run rekey discover`);

/** Read once; an unreadable answer is asked for again the next time. */
function rulesOnce(server: Server): () => Promise<Rules | undefined> {
  let known: Promise<Rules | undefined> | undefined;
  return async () => {
    known ??= readRules(server).then((read) => (read.kind === 'done' ? read.value : undefined));
    const rules = await known;
    if (rules === undefined) known = undefined;
    return rules;
  };
}

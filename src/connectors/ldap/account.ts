// One account as one server records it. Nothing is ever done to a DN before the entry there was seen to carry the account's own id.
import { createHash } from 'node:crypto';
import type { Kind } from '../../domain/account.ts';
import { type AccountRef, done, type Outcome, refused } from '../../kit/kit.ts';
import { normalDn } from '../../protocols/ldap/dn.ts';
import { present } from '../../protocols/ldap/filter.ts';
import { compareRequest, type Entry, firstOf, valuesOf } from '../../protocols/ldap/message.ts';
import { fromGeneralizedTime } from '../../protocols/ldap/time.ts';
import type { Directory, Server } from './directory.ts';
import { type FailureCount, failureCountOf, isNetscape, mustChangeIn } from './netscape.ts';

export const accountAttributes = [
  'entryUUID',
  'nsUniqueId',
  'objectClass',
  'entryCSN',
  'pwdChangedTime',
  'pwdAccountLockedTime',
  'pwdFailureTime',
  'pwdPolicySubentry',
  'pwdReset',
  'nsAccountLock',
  'userPassword',
  ...['passwordRetryCount', 'retryCountResetTime', 'accountUnlockTime', 'passwordExpirationTime', 'pwdUpdateTime', 'modifyTimestamp'],
] as const;

export type AccountEntry = {
  readonly dn: string;
  readonly kind: Kind;
  readonly netscape: boolean;
  readonly changedAt?: Date;
  /** Locked by an administrator, not by failed logins: a reset must not open it. */
  readonly adminLocked: boolean;
  readonly lockedAt?: Date;
  /** The server's own stamps, to the microsecond. `undefined`: this server does not show them to Rekey's account. */
  readonly failures: readonly string[] | undefined;
  /** Instead of stamps and `lockedAt`, on 389 Directory Server. */
  readonly failureCount?: FailureCount;
  readonly mustChange: boolean;
  readonly policyDn?: string;
  /** `undefined`: not readable. */
  readonly values?: number;
  readonly marker: string;
};

const serviceClasses = [
  'account',
  'simplesecurityobject',
  'applicationprocess',
  'applicationentity',
  'device',
  'organizationalrole',
  'ipservice',
];
const peopleClasses = ['inetorgperson', 'organizationalperson', 'person'];

/** People first: a person's entry often carries account classes as well. */
export function kindOf(objectClasses: readonly string[]): Kind {
  const lower = objectClasses.map((name) => name.toLowerCase());
  if (peopleClasses.some((name) => lower.includes(name))) return 'human';
  return serviceClasses.some((name) => lower.includes(name)) ? 'service' : 'unknown';
}

export const adminLock = '000001010000Z';
export const isAdminLocked = (entry: Entry): boolean =>
  firstOf(entry, 'pwdAccountLockedTime') === adminLock || firstOf(entry, 'nsAccountLock')?.toLowerCase() === 'true';

/** nsUniqueId on 389 Directory Server, where entryUUID comes to old entries later, if at all; entryUUID elsewhere; the DN where a server has neither. */
export const idOf = (entry: Entry): string => firstOf(entry, 'nsUniqueId') ?? firstOf(entry, 'entryUUID') ?? normalDn(entry.dn);

/** On 389 Directory Server only where passwordTrackUpdateTime is on. */
export const changedAtOf = (entry: Entry): Date | undefined =>
  fromGeneralizedTime(firstOf(entry, 'pwdChangedTime') ?? firstOf(entry, 'pwdUpdateTime'));

/**
 * The server stores salted hashes, so a digest over them differs after every change and tells nothing. entryCSN also moves with failed logins, and a
 * hash of an older scheme is written anew at its first login on 389 Directory Server: a marker may move without a change, never stay through one.
 */
function markerOf(entry: Entry): string {
  const stored = entry.values.get('userpassword');
  const when = firstOf(entry, 'pwdChangedTime') ?? firstOf(entry, 'pwdUpdateTime') ?? '';
  if (stored === undefined || stored.length === 0)
    return `${when}/${firstOf(entry, 'entryCSN') ?? firstOf(entry, 'modifyTimestamp') ?? ''}`;
  const digest = createHash('sha256');
  for (const value of [...stored].sort(Buffer.compare)) digest.update(value).update('\0');
  return `${when}/${digest.digest('hex').slice(0, 16)}`;
}

/** Facts this old still describe the account for a write; a lock or a second value set in between shows in the proof that follows. */
const knownMs = 60_000;
/** lockout, state and the look before a write come within milliseconds of each other: one read serves them. */
const freshMs = 250;
const maxKnown = 20_000;

export class Accounts {
  readonly #directory: Directory;
  #reads = new Map<string, Promise<Outcome<AccountEntry>>>();
  #readsSince = 0;
  #known = new Map<string, { readonly entry: AccountEntry; readonly at: number; readonly seenAt: number }>();
  readonly #failuresShown = new Map<string, Promise<boolean>>();

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** At most `freshMs` old, and never from before our own last write or bind on this account. */
  read(account: AccountRef, server: Server): Promise<Outcome<AccountEntry>> {
    const now = Date.now();
    if (now - this.#readsSince > freshMs) {
      this.#reads = new Map();
      this.#readsSince = now;
    }
    const key = `${server.url} ${account.id}`;
    const running = this.#reads.get(key);
    if (running !== undefined) return running;
    const read = this.#read(account, server);
    this.#reads.set(key, read);
    return read;
  }

  /** For a write: the entry on the writable server, seen under this id within the last minute. */
  async known(account: AccountRef): Promise<Outcome<AccountEntry>> {
    const known = this.#known.get(account.id);
    if (known !== undefined && Date.now() - known.at < knownMs) return done(known.entry);
    return this.read(account, this.#directory.primary);
  }

  /** The policy entry the account was seen under within the last minute; a reset of ours does not move it to another. */
  policySeen(account: AccountRef): { readonly dn: string | undefined } | undefined {
    const known = this.#known.get(account.id);
    return known !== undefined && Date.now() - known.seenAt < knownMs ? { dn: known.entry.policyDn } : undefined;
  }

  /** Where a bind goes: no read of its own. A wrong guess is a rejected NEW, which proves nothing and is seen. */
  async dnOf(account: AccountRef): Promise<Outcome<string>> {
    const dn = this.#known.get(account.id)?.entry.dn ?? account.locator;
    if (dn !== undefined) return done(dn);
    const found = await this.read(account, this.#directory.primary);
    return found.kind === 'done' ? done(found.value.dn) : found;
  }

  /** After a bind of ours nothing read before it may be handed out. */
  forget(account: AccountRef): void {
    for (const { url } of this.#directory.servers) this.#reads.delete(`${url} ${account.id}`);
  }

  /** After a write the next one looks again; where the entry is stays known. */
  changed(account: AccountRef): void {
    this.forget(account);
    const known = this.#known.get(account.id);
    if (known !== undefined) this.#known.set(account.id, { ...known, at: 0 });
  }

  async #read(account: AccountRef, server: Server): Promise<Outcome<AccountEntry>> {
    const dn = this.#known.get(account.id)?.entry.dn ?? account.locator;
    const here =
      dn === undefined
        ? undefined
        : await this.#directory.search(server, { base: dn, scope: 'base', filter: present('objectClass'), attributes: accountAttributes });
    if (here !== undefined && here.kind !== 'done' && here.fault.target !== '34') return here;
    let entry = here?.kind === 'done' ? here.value[0] : undefined;
    if (entry === undefined || idOf(entry) !== account.id) {
      const found = await this.#directory.findById(server, account.id, accountAttributes);
      if (found.kind !== 'done') return found;
      entry = found.value.length === 1 ? found.value[0] : undefined;
    }
    if (entry === undefined)
      return refused('not-found', `${account.name} is not on ${server.url} any more (no entry with its id).`, { target: '32' });
    const parsed = await this.#parse(entry, server);
    if (server === this.#directory.primary) {
      if (this.#known.size >= maxKnown) this.#known.clear();
      this.#known.set(account.id, { entry: parsed, at: Date.now(), seenAt: Date.now() });
    }
    return done(parsed);
  }

  async #parse(entry: Entry, server: Server): Promise<AccountEntry> {
    const netscape = isNetscape(entry);
    const failures = valuesOf(entry, 'pwdFailureTime');
    const shown = failures.length > 0 || (await this.#showsFailures(entry.dn, server, netscape ? 'passwordRetryCount' : 'pwdFailureTime'));
    const changedAt = changedAtOf(entry);
    const lockedAt = fromGeneralizedTime(firstOf(entry, 'pwdAccountLockedTime'));
    const policyDn = firstOf(entry, 'pwdPolicySubentry');
    const values = entry.values.get('userpassword')?.length;
    return {
      dn: entry.dn,
      kind: kindOf(valuesOf(entry, 'objectClass')),
      netscape,
      adminLocked: isAdminLocked(entry),
      failures: shown ? failures : undefined,
      mustChange: netscape ? mustChangeIn(entry) : firstOf(entry, 'pwdReset') === 'TRUE',
      marker: markerOf(entry),
      ...(netscape ? { failureCount: failureCountOf(entry) } : {}),
      ...(changedAt === undefined ? {} : { changedAt }),
      ...(lockedAt === undefined ? {} : { lockedAt }),
      ...(policyDn === undefined ? {} : { policyDn }),
      ...(values === undefined ? {} : { values }),
    };
  }

  /** No failures shown may mean none or not readable. A comparison tells: 50 (insufficient access) means not readable. Asked once per server. */
  #showsFailures(dn: string, server: Server, type: string): Promise<boolean> {
    const asked = this.#failuresShown.get(server.url) ?? this.#compareFailures(dn, server, type);
    this.#failuresShown.set(server.url, asked);
    return asked;
  }

  async #compareFailures(dn: string, server: Server, type: string): Promise<boolean> {
    try {
      const link = await server.bound.link();
      const { code } = await link.request(compareRequest(dn, type, '19700101000000Z'));
      return code === 5 || code === 6 || code === 16;
    } catch {
      this.#failuresShown.delete(server.url);
      return false;
    }
  }
}

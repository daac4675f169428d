// One account as one controller records it. It is always named by its GUID: whoever got an old name is never touched.
import { type AccountRef, done, type Outcome, refused } from '../../kit/kit.ts';
import { type Entry, firstOf, valuesOf } from '../../protocols/ldap/message.ts';
import { type Scored, scoreOf } from './classify.ts';
import type { Controller, Domain } from './domain.ts';
import { fromFiletime } from './filetime.ts';
import { computed, uac } from './flags.ts';
import { guidDn, guidText, isGuid, ridOf, sidText } from './identity.ts';
import type { Kinds } from './kinds.ts';
import { type Principal, principalOf } from './principal.ts';
import { attributeIds, type Stamp, stampsOf, stampText } from './replication.ts';

/** What classification and every capability read: one list, so that an account is the same thing everywhere. */
export const accountAttributes = [
  ...['objectGUID', 'objectSid', 'objectClass', 'sAMAccountName', 'userPrincipalName', 'userAccountControl', 'adminCount'],
  ...['msDS-User-Account-Control-Computed', 'pwdLastSet', 'msDS-KeyVersionNumber', 'replPropertyMetaData', 'accountExpires'],
  ...['badPwdCount', 'badPasswordTime', 'lockoutTime', 'lastLogon', 'msDS-ResultantPSO', 'servicePrincipalName', 'primaryGroupID'],
  ...['msDS-AllowedToDelegateTo', 'userWorkstations', 'mail', 'employeeID', 'employeeNumber', 'manager', 'givenName', 'sn', 'displayName'],
] as const;

export type AccountEntry = {
  readonly guid: string;
  readonly sid?: string;
  readonly dn: string;
  readonly name: string;
  readonly upn?: string;
  readonly displayName?: string;
  readonly principal: Principal;
  readonly scored: Scored;
  readonly flags: number;
  readonly disabled: boolean;
  readonly locked: boolean;
  readonly expired: boolean;
  readonly mustChange: boolean;
  readonly isProtected: boolean;
  /** The originating write of the password this controller holds; its time is whole seconds of the controller that took it. */
  readonly change?: Stamp;
  /** The originating write of userAccountControl. */
  readonly flagged?: Stamp;
  readonly pwdLastSet?: Date;
  readonly keyVersion?: number;
  readonly marker: string;
  /** As this controller counts: badPwdCount is not replicated. `undefined`: not shown to Rekey's account. */
  readonly failures?: number;
  readonly failedAt?: Date;
  readonly lockedAt?: Date;
  /** As this controller saw it: lastLogon is not replicated. `showsLogon`: it showed the attribute, if only to say "never". */
  readonly lastLogon?: Date;
  readonly showsLogon: boolean;
  readonly policyDn?: string;
};

export async function readAccount(domain: Domain, account: AccountRef, controller: Controller): Promise<Outcome<AccountEntry>> {
  const gone = () => refused('not-found', `${account.name} is not on ${controller.url} (no object with its GUID).`, { target: '32' });
  if (!isGuid(account.id)) return gone();
  const read = await domain.entry(controller, guidDn(account.id), [...accountAttributes, ...domain.kinds.types]);
  if (read.kind !== 'done') return read;
  const entry = read.value === undefined ? undefined : accountFrom(read.value, domain.kinds);
  return entry === undefined ? gone() : done(entry);
}

/** A trust has no password of its own: its two keys are what changes. */
const trustKeys = [attributeIds.trustAuthIncoming, attributeIds.trustAuthOutgoing];
const latest = (stamps: readonly (Stamp | undefined)[]): Stamp | undefined =>
  stamps.reduce((newest, each) => (newest === undefined || (each !== undefined && each.at > newest.at) ? each : newest), undefined);

const count = (value: string | undefined): number | undefined => (value === undefined ? undefined : Number(value));

/** `undefined` for what has no GUID: no object a reset could name. */
export function accountFrom(entry: Entry, kinds: Kinds): AccountEntry | undefined {
  const guid = entry.values.get('objectguid')?.[0];
  if (guid === undefined) return undefined;
  const sidBytes = entry.values.get('objectsid')?.[0];
  const sid = sidBytes === undefined ? undefined : sidText(sidBytes);
  const name = firstOf(entry, 'sAMAccountName') ?? firstOf(entry, 'cn') ?? entry.dn;
  const flags = Number(firstOf(entry, 'userAccountControl') ?? 0);
  const now = Number(firstOf(entry, 'msDS-User-Account-Control-Computed') ?? 0);
  const principal = principalOf({ classes: valuesOf(entry, 'objectClass'), name, rid: ridOf(sid), flags });
  const stamps = stampsOf(entry.values.get('replpropertymetadata')?.[0]);
  const scored = scoreOf(entry, principal, flags);
  const named = kinds.of(entry);
  const expires = fromFiletime(firstOf(entry, 'accountExpires'));
  const optional = {
    sid,
    upn: firstOf(entry, 'userPrincipalName'),
    displayName: firstOf(entry, 'displayName'),
    change: stamps?.get(attributeIds.unicodePwd) ?? latest(trustKeys.map((id) => stamps?.get(id))),
    flagged: stamps?.get(attributeIds.userAccountControl),
    pwdLastSet: fromFiletime(firstOf(entry, 'pwdLastSet')),
    keyVersion: count(firstOf(entry, 'msDS-KeyVersionNumber')),
    failures: count(firstOf(entry, 'badPwdCount')),
    failedAt: fromFiletime(firstOf(entry, 'badPasswordTime')),
    lockedAt: fromFiletime(firstOf(entry, 'lockoutTime')),
    lastLogon: fromFiletime(firstOf(entry, 'lastLogon')),
    policyDn: firstOf(entry, 'msDS-ResultantPSO'),
  };
  return {
    guid: guidText(guid),
    dn: entry.dn,
    name,
    principal,
    scored: named === undefined ? scored : { ...scored, kind: named },
    flags,
    disabled: (flags & uac.disabled) !== 0,
    locked: (now & computed.locked) !== 0,
    expired: expires !== undefined && expires.getTime() <= Date.now(),
    mustChange: firstOf(entry, 'pwdLastSet') === '0',
    isProtected: firstOf(entry, 'adminCount') === '1',
    showsLogon: firstOf(entry, 'lastLogon') !== undefined,
    marker: markerOf(entry, stamps),
    ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as Present<typeof optional>),
  };
}
/** fromEntries forgets which keys there were; those left out are the undefined ones. */
type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

const markedBy = [attributeIds.unicodePwd, attributeIds.pwdLastSet, attributeIds.userAccountControl, ...trustKeys];

/**
 * The originating writes of the password, of pwdLastSet (which closes the old password where people must change) and of userAccountControl: a controller
 * that has received them all answers as the one written to. Without metadata: key version and pwdLastSet.
 */
function markerOf(entry: Entry, stamps: ReadonlyMap<number, Stamp> | undefined): string {
  const written = markedBy.map((id) => stampText(stamps?.get(id)));
  if (written.some((each) => each !== '')) return written.join('/');
  return `kvno ${firstOf(entry, 'msDS-KeyVersionNumber') ?? ''}/${firstOf(entry, 'pwdLastSet') ?? ''}/${firstOf(entry, 'userAccountControl') ?? ''}`;
}

export const isUsable = (entry: Pick<AccountEntry, 'disabled' | 'locked' | 'expired'>): boolean =>
  !entry.disabled && !entry.locked && !entry.expired;

// What the inventory tells about one account: enough for a planner to place it, for an owner to recognise it, and for an auditor to see how weak it is.
import type { Facts, Found } from '../../kit/kit.ts';
import { type Entry, firstOf, valuesOf } from '../../protocols/ldap/message.ts';
import type { AccountEntry } from './account.ts';
import { isPrivileged } from './classify.ts';
import { fromFiletime } from './filetime.ts';
import { uac, weaknessesOf } from './flags.ts';
import { listedId, valuesMark } from './listed.ts';
import { byHandOf, principals, sealsTickets } from './principal.ts';

export const factAttributes = [
  ...['cn', 'title', 'department', 'description', 'managedBy', 'memberOf', 'whenCreated', 'lastLogonTimestamp'],
  ...['msDS-SupportedEncryptionTypes', 'msDS-AllowedToActOnBehalfOfOtherIdentity', 'msDS-KeyCredentialLink', 'altSecurityIdentities'],
  ...['userCertificate', 'trustPartner', 'trustDirection', 'msDS-ManagedPasswordInterval', 'msDS-ManagedAccountPrecededByLink'],
] as const;

/** Ways in that a change of the password does not touch: the plan names them per account. */
const otherSecrets = ['msDS-KeyCredentialLink', 'altSecurityIdentities', 'userCertificate'] as const;
const shown = [
  'userPrincipalName',
  'mail',
  'employeeID',
  'employeeNumber',
  'title',
  'department',
  'description',
  'whenCreated',
  'trustPartner',
  'trustDirection',
  'msDS-ManagedPasswordInterval',
  'msDS-ManagedAccountPrecededByLink',
] as const;
/** pwdLastSet moves with the password. Further apart than this it was set by itself: the age shown is not the password's. */
const apartMs = 60_000;

export function foundFrom(entry: Entry, account: AccountEntry, own: boolean): Found {
  const { guid, name, dn, principal, scored, disabled, change, pwdLastSet } = account;
  const changedAt = change?.at ?? pwdLastSet;
  const byHand = byHandOf(principal, name);
  const owner = firstOf(entry, 'manager') ?? firstOf(entry, 'managedBy');
  return {
    id: guid,
    name,
    locator: dn,
    kind: scored.kind,
    enabled: !disabled || sealsTickets(principal),
    privileged: own || principals[principal].tierZero || isPrivileged(entry),
    ...(byHand === undefined ? {} : { byHand: { ...byHand, mark: account.marker } }),
    facts: factsOf(entry, account, own),
    ...(owner === undefined ? {} : { owner }),
    ...(changedAt === undefined ? {} : { changedAt }),
  };
}

/** Keys of a privileged account that open it whatever its password is: a task of their own. Of others the plan says that they are left as they are. */
export function keyCredentialsOf(entry: Entry, found: Found): Found | undefined {
  const attribute = 'msDS-KeyCredentialLink';
  const task = byHandOf('key-credentials', found.name);
  if (!found.privileged || task === undefined || (entry.values.get(attribute.toLowerCase())?.length ?? 0) === 0) return undefined;
  return {
    id: listedId('key-credentials', found.id),
    name: `key-credentials:${found.name}`,
    locator: entry.dn,
    kind: 'service',
    enabled: true,
    privileged: true,
    byHand: { ...task, mark: valuesMark(entry, attribute) },
    facts: { principal: 'key-credentials', tierZero: true },
    ...(found.owner === undefined ? {} : { owner: found.owner }),
  };
}

function factsOf(entry: Entry, account: AccountEntry, own: boolean): Facts {
  const { principal, scored, flags, change, pwdLastSet, keyVersion } = account;
  const spns = valuesOf(entry, 'servicePrincipalName');
  const types = firstOf(entry, 'msDS-SupportedEncryptionTypes');
  const weak = weaknessesOf(flags, spns.length > 0 && principal === 'user', types === undefined ? undefined : Number(types));
  const secrets = otherSecrets.filter((type) => (entry.values.get(type.toLowerCase())?.length ?? 0) > 0);
  const delegation = delegationOf(entry, flags);
  // The only record of logons that is replicated; nine to fourteen days behind by design.
  const seen = fromFiletime(firstOf(entry, 'lastLogonTimestamp'));
  const text = Object.fromEntries(
    shown.flatMap((type) => [[type, firstOf(entry, type)] as const].filter(([, value]) => value !== undefined)),
  );
  return {
    ...text,
    ...(seen === undefined ? {} : { lastSeen: seen.toISOString() }),
    principal,
    ...(account.sid === undefined ? {} : { objectSid: account.sid }),
    ...(principals[principal].tierZero ? { tierZero: true } : {}),
    score: scored.score,
    ...(scored.reasons.length > 0 ? { why: scored.reasons } : {}),
    ...(spns.length > 0 ? { servicePrincipalNames: spns } : {}),
    ...(delegation.length > 0 ? { delegation } : {}),
    ...(weak.length > 0 ? { weak } : {}),
    ...(secrets.length > 0 ? { otherSecrets: secrets } : {}),
    ...(account.isProtected ? { protected: true } : {}),
    ...(account.mustChange ? { mustChange: true } : {}),
    ...(account.locked ? { locked: true } : {}),
    ...(account.expired ? { expired: true } : {}),
    ...((flags & uac.smartcardRequired) !== 0 ? { smartcardOnly: true } : {}),
    ...(account.policyDn === undefined ? {} : { passwordPolicy: account.policyDn }),
    ...(keyVersion === undefined ? {} : { keyVersion }),
    ...(change === undefined ? {} : { passwordVersion: change.version, passwordOrigin: change.origin }),
    ...(change !== undefined && pwdLastSet !== undefined && Math.abs(pwdLastSet.getTime() - change.at.getTime()) > apartMs
      ? { ageSetWithoutChange: pwdLastSet.toISOString() }
      : {}),
    ...(own ? { own: true } : {}),
  };
}

function delegationOf(entry: Entry, flags: number): string[] {
  const has = (type: string) => entry.values.has(type.toLowerCase());
  return [
    ...((flags & uac.trustedForDelegation) !== 0 ? ['unconstrained'] : []),
    ...(has('msDS-AllowedToDelegateTo') ? ['constrained'] : []),
    ...((flags & uac.protocolTransition) !== 0 ? ['protocol-transition'] : []),
    ...(has('msDS-AllowedToActOnBehalfOfOtherIdentity') ? ['resource-based'] : []),
    ...((flags & uac.notDelegated) !== 0 ? ['never'] : []),
  ];
}

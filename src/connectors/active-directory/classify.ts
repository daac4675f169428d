// Service or person: a score of what the directory says, with the reasons kept, because whoever plans a wave must be able to disagree.
import type { Kind } from '../../domain/account.ts';
import { leafOf } from '../../protocols/ldap/dn.ts';
import { type Entry, firstOf, valuesOf } from '../../protocols/ldap/message.ts';
import { uac } from './flags.ts';
import type { Principal } from './principal.ts';

export type Scored = { readonly kind: Kind; readonly score: number; readonly reasons: readonly string[] };

/** From here on a service; below `likelyPerson` a person; between them nobody can tell. */
const likelyService = 3;
const likelyPerson = 2;

const servicePlaces = /service|svc|application|system accounts/i;
const serviceNames =
  /^(svc|srv|service|sa|app|sql|iis|task|batch|job|bot|robot|api|backup|sync|ldap|scan|mon)[-_.$]|[-_.](svc|service|srv|app|bot|job)$/i;
const machineKinds: readonly Principal[] = [
  'computer',
  'domain-controller',
  'read-only-controller',
  'gmsa',
  'smsa',
  'dmsa',
  'entra-connect',
];
const tierZeroKinds: readonly Principal[] = ['krbtgt', 'rodc-krbtgt', 'cloud-kerberos', 'seamless-sso', 'trust-account', 'trust'];

export function scoreOf(entry: Entry, principal: Principal, flags: number): Scored {
  if (machineKinds.includes(principal) || tierZeroKinds.includes(principal)) return { kind: 'service', score: 9, reasons: [principal] };
  const reasons: string[] = [];
  let score = 0;
  const count = (holds: boolean, points: number, reason: string) => {
    if (!holds) return;
    score += points;
    reasons.push(`${reason} ${points > 0 ? '+' : ''}${points}`);
  };
  const has = (type: string) => firstOf(entry, type) !== undefined;
  const name = firstOf(entry, 'sAMAccountName') ?? leafOf(entry.dn)?.login ?? '';
  count(has('servicePrincipalName'), 3, 'service principal name');
  count((flags & uac.passwordNeverExpires) !== 0, 2, 'password never expires');
  count((flags & (uac.trustedForDelegation | uac.protocolTransition)) !== 0 || has('msDS-AllowedToDelegateTo'), 2, 'delegation');
  count(serviceNames.test(name), 2, 'name');
  count(servicePlaces.test(entry.dn.slice(entry.dn.indexOf(',') + 1)), 2, 'place');
  count(has('userWorkstations'), 1, 'tied to workstations');
  count(!has('mail') && !has('employeeID') && !has('manager'), 1, 'no mail, employee id or manager');
  count(has('employeeID') || has('employeeNumber'), -3, 'employee id');
  count(has('mail'), -1, 'mail');
  count(has('manager'), -1, 'manager');
  count(has('givenName') && has('sn'), -1, 'first and last name');
  count((flags & uac.smartcardRequired) !== 0, -2, 'smart card');
  const kind = score >= likelyService ? 'service' : score < likelyPerson ? 'human' : 'unknown';
  return { kind, score, reasons };
}

const privilegedGroups =
  /^(domain admins|enterprise admins|schema admins|administrators|account operators|server operators|backup operators|print operators|dnsadmins|domain controllers|group policy creator owners|key admins|enterprise key admins)$/i;
/** Domain Admins, Domain Controllers, Schema Admins, Enterprise Admins, Read-only Domain Controllers. */
const privilegedPrimary = [512, 516, 518, 519, 521];

/** adminCount stays when somebody leaves a protected group: then it means "was privileged", which matters as much after a leak. */
export function isPrivileged(entry: Entry): boolean {
  return (
    firstOf(entry, 'adminCount') === '1' ||
    privilegedPrimary.includes(Number(firstOf(entry, 'primaryGroupID'))) ||
    valuesOf(entry, 'memberOf').some((dn) => privilegedGroups.test(leafOf(dn)?.login ?? ''))
  );
}

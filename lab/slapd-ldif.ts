// The lab's directory as LDIF: people with managers, service accounts, a canary, the policy and the delegated account. Passwords are stored hashed.
import { createHash, randomBytes } from 'node:crypto';
import type { Ppolicy } from './slapd-conf.ts';

type Members = { readonly count: number; uid(index: number): string; dn(index: number): string };
export type EstateLdif = {
  readonly base: string;
  readonly bindDn: string;
  readonly bindPassword: string;
  readonly policyDn: string;
  readonly people: Members;
  readonly services: Members;
  readonly ppolicy: Ppolicy;
  initialPassword(uid: string): string;
};

function ssha512(password: string): string {
  const salt = randomBytes(8);
  return `{SSHA512}${Buffer.concat([createHash('sha512').update(password).update(salt).digest(), salt]).toString('base64')}`;
}

export function estateLdif(estate: EstateLdif): string {
  const { base, people, services, ppolicy } = estate;
  const hashed = (uid: string) => ssha512(estate.initialPassword(uid));
  const entries: string[][] = [
    [`dn: ${base}`, 'objectClass: dcObject', 'objectClass: organization', 'dc: lab', 'o: Lab'],
    ...['people', 'services', 'policies'].map((ou) => [`dn: ou=${ou},${base}`, 'objectClass: organizationalUnit', `ou: ${ou}`]),
    [
      `dn: ${estate.bindDn}`,
      'objectClass: organizationalRole',
      'objectClass: simpleSecurityObject',
      'cn: rekey',
      `userPassword: ${ssha512(estate.bindPassword)}`,
    ],
    [
      `dn: ${estate.policyDn}`,
      'objectClass: device',
      'objectClass: pwdPolicy',
      'cn: default',
      'pwdAttribute: userPassword',
      'pwdCheckQuality: 2',
      `pwdMinLength: ${ppolicy.minLength ?? 12}`,
      `pwdInHistory: ${ppolicy.history ?? 3}`,
      `pwdLockout: ${(ppolicy.lockout ?? true) ? 'TRUE' : 'FALSE'}`,
      `pwdMaxFailure: ${ppolicy.maxFailure ?? 5}`,
      `pwdLockoutDuration: ${ppolicy.lockoutDuration ?? 0}`,
      `pwdFailureCountInterval: ${ppolicy.failureInterval ?? 0}`,
      `pwdMustChange: ${ppolicy.mustChange ? 'TRUE' : 'FALSE'}`,
    ],
  ];
  const service = (uid: string) => {
    const seeAlso = people.count > 0 ? [`seeAlso: ${people.dn(0)}`] : [];
    const classes = ['objectClass: account', 'objectClass: simpleSecurityObject'];
    return [`dn: uid=${uid},ou=services,${base}`, ...classes, `uid: ${uid}`, ...seeAlso, `userPassword: ${hashed(uid)}`];
  };
  for (let n = 0; n < people.count; n++) {
    const uid = people.uid(n);
    const manager = n === 0 ? [] : [`manager: ${people.dn(Math.floor((n - 1) / 8))}`];
    const classes = ['objectClass: inetOrgPerson', 'objectClass: ldapPublicKey'];
    const names = [`uid: ${uid}`, `cn: Person ${n}`, `sn: ${n}`, `mail: ${uid}@lab.test`];
    entries.push([`dn: ${people.dn(n)}`, ...classes, ...names, ...manager, `userPassword: ${hashed(uid)}`]);
  }
  for (let n = 0; n < services.count; n++) entries.push(service(services.uid(n)));
  entries.push(service('rekey-canary'));
  return `${entries.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

// The password policy of 389 Directory Server: one for the whole server in cn=config, and entries of its own for some accounts where that is switched on.
import { done, type Outcome, refused } from '../../kit/kit.ts';
import { present } from '../../protocols/ldap/filter.ts';
import { type Entry, firstOf } from '../../protocols/ldap/message.ts';
import type { Directory } from './directory.ts';
import type { Policy } from './policy-entry.ts';

const attributes = [
  'nsslapd-pwpolicy-local',
  ...['passwordLockout', 'passwordMaxFailure', 'passwordResetFailureCount', 'passwordLockoutDuration', 'passwordUnlock'],
  ...['passwordCheckSyntax', 'passwordMinLength', 'passwordMinCategories', 'passwordHistory', 'passwordInHistory'],
  ...['passwordMinAge', 'passwordMustChange'],
];

/** `dn`: the account's own policy. What that does not say is taken from the server's: where the server does not inherit, this errs to the strict side. */
export async function netscapePolicy(directory: Directory, dn: string | undefined): Promise<Outcome<Policy | undefined>> {
  const read = async (base: string): Promise<Outcome<Entry | undefined>> => {
    const found = await directory.search(directory.primary, { base, scope: 'base', filter: present('objectClass'), attributes });
    return found.kind === 'done' ? done(found.value[0]) : found;
  };
  const server = await read('cn=config');
  if (server.kind !== 'done') return server;
  if (server.value === undefined || firstOf(server.value, 'passwordLockout') === undefined) return done(undefined);
  if (dn === undefined || firstOf(server.value, 'nsslapd-pwpolicy-local') === 'off') return done(netscapePolicyFrom([server.value]));
  const own = await read(dn);
  if (own.kind !== 'done') return own;
  if (own.value === undefined) return refused('permission', `The password policy ${dn} cannot be read.`);
  return done(netscapePolicyFrom([own.value, server.value]));
}

/** The first entry that has a setting decides it; a number counts only where its switch is on. */
export function netscapePolicyFrom(entries: readonly [Entry, ...Entry[]]): Policy {
  const setting = (type: string) => entries.map((entry) => firstOf(entry, type)).find((value) => value !== undefined);
  const on = (type: string) => setting(type)?.toLowerCase() === 'on';
  const number = (type: string) => Number(setting(type) ?? 0);
  const checked = on('passwordCheckSyntax');
  return {
    dn: entries[0].dn,
    minLength: checked ? number('passwordMinLength') : 0,
    maxLength: 0,
    classes: checked ? number('passwordMinCategories') : 0,
    history: on('passwordHistory') ? number('passwordInHistory') : 0,
    minAgeSeconds: number('passwordMinAge'),
    lockout: on('passwordLockout'),
    maxFailure: number('passwordMaxFailure'),
    failureSeconds: number('passwordResetFailureCount'),
    lockoutSeconds: on('passwordUnlock') ? number('passwordLockoutDuration') : 0,
    mustChange: on('passwordMustChange'),
  };
}

// One password policy as its entry says it (draft-behera-ldap-password-policy, which OpenLDAP follows), and what satisfies several.
import { type Entry, firstOf } from '../../protocols/ldap/message.ts';

export type Policy = {
  readonly dn: string;
  readonly minLength: number;
  readonly maxLength: number;
  /** How many kinds of characters; 0 where the policy does not say. */
  readonly classes: number;
  readonly history: number;
  readonly minAgeSeconds: number;
  /** Without it the server honours no lock at all, also none set by an administrator. */
  readonly lockout: boolean;
  readonly maxFailure: number;
  readonly failureSeconds: number;
  readonly lockoutSeconds: number;
  readonly mustChange: boolean;
};

export const policyAttributes = [
  'pwdMinLength',
  'pwdMaxLength',
  'pwdInHistory',
  'pwdMinAge',
  'pwdLockout',
  'pwdMaxFailure',
  'pwdFailureCountInterval',
  'pwdLockoutDuration',
  'pwdMustChange',
];

export function policyFrom(entry: Entry): Policy {
  const number = (type: string) => Number(firstOf(entry, type) ?? 0);
  return {
    dn: entry.dn,
    minLength: number('pwdMinLength'),
    maxLength: number('pwdMaxLength'),
    classes: 0,
    history: number('pwdInHistory'),
    minAgeSeconds: number('pwdMinAge'),
    lockout: firstOf(entry, 'pwdLockout') === 'TRUE',
    maxFailure: number('pwdMaxFailure'),
    failureSeconds: number('pwdFailureCountInterval'),
    lockoutSeconds: number('pwdLockoutDuration'),
    mustChange: firstOf(entry, 'pwdMustChange') === 'TRUE',
  };
}

/** Several policies and no word which is the default: what satisfies all of them is right under each. */
export function strictest(policies: readonly Policy[]): Policy | undefined {
  const [first] = policies;
  if (first === undefined) return undefined;
  const most = (of: (policy: Policy) => number) => Math.max(...policies.map(of));
  const least = (of: (policy: Policy) => number) =>
    Math.min(...policies.map(of).filter((n) => n > 0), Number.MAX_SAFE_INTEGER) % Number.MAX_SAFE_INTEGER;
  const any = (of: (policy: Policy) => boolean) => policies.some(of);
  const unlimited = (of: (policy: Policy) => number) => (policies.some((policy) => of(policy) === 0) ? 0 : most(of));
  return {
    dn: first.dn,
    minLength: most((p) => p.minLength),
    maxLength: least((p) => p.maxLength),
    classes: most((p) => p.classes),
    history: most((p) => p.history),
    minAgeSeconds: most((p) => p.minAgeSeconds),
    lockout: any((p) => p.lockout && p.maxFailure > 0) || policies.every((p) => p.lockout),
    maxFailure: least((p) => (p.lockout ? p.maxFailure : 0)),
    failureSeconds: unlimited((p) => p.failureSeconds),
    lockoutSeconds: unlimited((p) => p.lockoutSeconds),
    mustChange: any((p) => p.mustChange),
  };
}

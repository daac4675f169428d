// Checks a value against a twin's password policy. Says which rule, never the value.
import type { PasswordPolicy } from '../../kit/kit.ts';

const classPatterns = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/];

export function brokenRule(policy: PasswordPolicy, text: string): string | undefined {
  if (text.length < (policy.minLength ?? 0)) return `shorter than ${policy.minLength}`;
  if (text.length > (policy.maxLength ?? Number.POSITIVE_INFINITY)) return `longer than ${policy.maxLength}`;
  if (classPatterns.filter((pattern) => pattern.test(text)).length < (policy.classes ?? 0))
    return `fewer than ${policy.classes} character classes`;
  if ([...(policy.exclude ?? '')].some((character) => text.includes(character))) return 'holds a character the system does not take';
  return undefined;
}

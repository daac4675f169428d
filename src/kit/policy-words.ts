// What a value of a system must be, in words: the target's own policy and what the estate file adds, said once, the stricter length only.
import type { PasswordPolicy } from './capability.ts';

/** What the estate file adds for a system. */
type Rules = { readonly length?: number; readonly classes?: readonly string[]; readonly exclude?: string };

/** A maximum of 0 is how some targets say "none". */
export function policyWords(policy: PasswordPolicy | undefined, rules: Rules): string {
  const least = Math.max(policy?.minLength ?? 0, rules.length ?? 0);
  const excluded = (policy?.exclude ?? '') + (rules.exclude ?? '');
  const words = [
    ...(least > 0 ? [`at least ${least} characters`] : []),
    ...(policy?.maxLength ? [`at most ${policy.maxLength}`] : []),
    ...(policy?.classes ? [`${policy.classes} kinds of characters`] : []),
    ...(rules.classes?.length ? [`with ${rules.classes.join(', ')}`] : []),
    ...(excluded === '' ? [] : [`without ${excluded}`]),
  ];
  return words.join(', ') || 'no rule';
}

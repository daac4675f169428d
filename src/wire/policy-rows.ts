// What a target demands of passwords beside what the estate file asks for it, rule by rule, and which of the two is the stricter.
import type { PolicyRow } from '../domain/system-view.ts';
import type { PasswordRules } from '../estate/estate.ts';
import type { PasswordPolicy } from '../kit/capability.ts';

export function policyRows(policy: PasswordPolicy | null, rules: PasswordRules): PolicyRow[] {
  return [lengths(policy, rules), classes(policy, rules), excluded(policy, rules), history(policy), minAge(policy)].flatMap(
    (row) => row ?? [],
  );
}

function lengths(policy: PasswordPolicy | null, rules: PasswordRules): PolicyRow | undefined {
  const least = policy?.minLength;
  const most = policy?.maxLength || undefined; // 0 is how some targets say "none"
  const target = least === undefined && most === undefined ? null : `${least ?? 1}–${most ?? 'any'}`;
  const estate = rules.length === undefined ? null : String(rules.length);
  if (target === null && estate === null) return undefined;
  if (rules.length === undefined) return { rule: 'length', target, estate, verdict: 'target-only' };
  if (target === null) return { rule: 'length', target, estate, verdict: 'estate-only' };
  if (most !== undefined && rules.length > most) return { rule: 'length', target, estate, verdict: 'conflict' };
  if (least !== undefined && rules.length < least) return { rule: 'length', target, estate, verdict: 'looser' };
  return { rule: 'length', target, estate, verdict: rules.length === least ? 'agrees' : 'stricter' };
}

function classes(policy: PasswordPolicy | null, rules: PasswordRules): PolicyRow | undefined {
  const wanted = policy?.classes;
  const target = wanted === undefined ? null : `${wanted} kinds`;
  const estate = rules.classes === undefined ? null : rules.classes.join(', ');
  if (target === null && estate === null) return undefined;
  if (rules.classes === undefined) return { rule: 'classes', target, estate, verdict: 'target-only' };
  if (wanted === undefined) return { rule: 'classes', target, estate, verdict: 'estate-only' };
  const held = rules.classes.length;
  return { rule: 'classes', target, estate, verdict: held === wanted ? 'agrees' : held > wanted ? 'stricter' : 'looser' };
}

function excluded(policy: PasswordPolicy | null, rules: PasswordRules): PolicyRow | undefined {
  const [target, estate] = [policy?.exclude ?? null, rules.exclude ?? null];
  if (target === null && estate === null) return undefined;
  if (estate === null) return { rule: 'exclude', target, estate, verdict: 'target-only' };
  if (target === null) return { rule: 'exclude', target, estate, verdict: 'estate-only' };
  const missing = [...target].some((character) => !estate.includes(character));
  const more = [...estate].some((character) => !target.includes(character));
  return { rule: 'exclude', target, estate, verdict: missing ? 'looser' : more ? 'stricter' : 'agrees' };
}

function history(policy: PasswordPolicy | null): PolicyRow | undefined {
  return policy?.history === undefined
    ? undefined
    : { rule: 'history', target: `the last ${policy.history} are refused`, estate: null, verdict: 'target-only' };
}

function minAge(policy: PasswordPolicy | null): PolicyRow | undefined {
  return policy?.minAgeSeconds === undefined
    ? undefined
    : { rule: 'min-age', target: `not again within ${policy.minAgeSeconds} s`, estate: null, verdict: 'target-only' };
}

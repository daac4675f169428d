// One policy for a value that several systems share: the union of what all of them demand; where they contradict each other, it says which two and why.
import type { United } from '../domain/united.ts';
import type { PasswordPolicy } from '../kit/capability.ts';
import { policyWords } from '../kit/policy-words.ts';
import { type GeneratorRules, unite } from './generate.ts';

/** `policy`: as the target stated it. `rules`: what the estate file adds. */
export type Member = { readonly system: string; readonly policy: PasswordPolicy | undefined; readonly rules: GeneratorRules };

export function uniteSystems(members: readonly Member[]): United | { readonly conflict: string } {
  const united = together(members);
  if (!('conflict' in united)) return united;
  const culprits = fewest(members);
  return {
    conflict: `${culprits.map((m) => `${m.system} (${policyWords(m.policy, m.rules)})`).join(' and ')}: ${lowerFirst(conflictOf(culprits) ?? united.conflict)}`,
  };
}

function together(members: readonly Member[]): ReturnType<typeof unite> {
  const of = <K extends keyof GeneratorRules>(key: K) => members.flatMap(({ rules }) => (rules[key] === undefined ? [] : [rules[key]]));
  const lengths = of('length');
  return unite(
    members.flatMap(({ policy }) => (policy === undefined ? [] : [policy])),
    {
      ...(lengths.length === 0 ? {} : { length: Math.max(...lengths) }),
      classes: [...new Set(of('classes').flat())],
      exclude: of('exclude').join(''),
    },
  );
}

const conflictOf = (members: readonly Member[]): string | undefined => {
  const united = together(members);
  return 'conflict' in united ? united.conflict : undefined;
};

/** One system that contradicts itself, else two that contradict each other, else all of them. */
function fewest(members: readonly Member[]): readonly Member[] {
  const alone = members.find((each) => conflictOf([each]) !== undefined);
  if (alone !== undefined) return [alone];
  for (const [n, first] of members.entries())
    for (const second of members.slice(n + 1)) if (conflictOf([first, second]) !== undefined) return [first, second];
  return members;
}

const lowerFirst = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);

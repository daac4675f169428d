// Makes passwords every named target takes: the union of their demands, at least 128 bits, no bias; what cannot be met is said, not bent.
import { randomInt } from 'node:crypto';
import { type Class, classes, type United } from '../domain/united.ts';
import type { PasswordPolicy } from '../kit/capability.ts';

/** The estate file's rules for a system: what it demands beyond the target's own policy. */
export type GeneratorRules = { readonly length?: number; readonly classes?: readonly Class[]; readonly exclude?: string };

/** No symbol that a shell, SQL, LDAP, URL or connection string takes for its own: none of ' " ` \ ; $ % ^ @ : / & # space. */
const full: { readonly [C in Class]: string } = {
  lower: 'abcdefghijklmnopqrstuvwxyz',
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  digit: '0123456789',
  symbol: '-_.+~!*=,',
};
const defaultLength = 24;
const minBits = 128;
/** Longer than any target takes; ends the search for a length where the alphabet is nearly empty. */
const longest = 1024;

export function unite(policies: readonly PasswordPolicy[], rules: GeneratorRules): United | { readonly conflict: string } {
  const least = Math.max(1, rules.length ?? 0, ...policies.map((p) => p.minLength ?? 0));
  // A maximum of 0 is how some targets say "none".
  const most = Math.min(longest, ...policies.map((p) => p.maxLength || longest));
  if (least > most) return { conflict: `One rule asks for at least ${least} characters, another allows at most ${most}.` };

  const excluded = new Set([...policies.map((p) => p.exclude ?? ''), rules.exclude ?? ''].join(''));
  const left = (c: Class): string => [...full[c]].filter((character) => !excluded.has(character)).join('');
  const sets = { lower: left('lower'), upper: left('upper'), digit: left('digit'), symbol: left('symbol') };
  const named = rules.classes ?? [];
  const empty = named.find((c) => sets[c] === '');
  if (empty) return { conflict: `A ${empty} is demanded, but every one that can be used is excluded.` };
  const available = classes.filter((c) => sets[c] !== '');
  if (available.length === 0) return { conflict: 'Every character that can be used is excluded.' };
  const count = Math.max(...policies.map((p) => p.classes ?? 0), 0);
  if (count > available.length)
    return { conflict: `${count} kinds of characters are demanded; ${available.length} can be used (${available.join(', ')}).` };
  const others = available.filter((c) => !named.includes(c));
  const demanded = classes.filter((c) => named.includes(c) || (others.indexOf(c) >= 0 && others.indexOf(c) < count - named.length));
  if (demanded.length > most) return { conflict: `${demanded.length} kinds of characters are demanded in at most ${most} characters.` };

  for (let length = Math.max(least, Math.min(rules.length ?? defaultLength, most)); length <= most; length++) {
    const united = { length, sets, demanded };
    if (bitsOf(united) >= minBits) return united;
  }
  const bits = Math.floor(Math.max(0, bitsOf({ length: most, sets, demanded })));
  return {
    conflict: `${most} characters out of ${available.map((c) => sets[c]).join('').length} give ${bits} bits; ${minBits} are needed.`,
  };
}

/** A whole number from 0 to `below` - 1, each as likely as the others. */
export type Draw = (below: number) => number;

/** Uniform over every text of that length that starts with a letter (where letters can be used) and holds each demanded kind. */
export function generate({ length, sets, demanded }: United, draw: Draw = (below) => randomInt(below)): string {
  // randomInt draws again above the largest multiple: no modulo bias.
  const pick = (from: string): string => from.charAt(draw(from.length));
  const alphabet = classes.map((c) => sets[c]).join('');
  const first = sets.lower + sets.upper || alphabet;
  for (;;) {
    let text = pick(first);
    while (text.length < length) text += pick(alphabet);
    // Drawing the whole text again, instead of repairing it, is what keeps it uniform.
    if (demanded.every((c) => [...text].some((character) => sets[c].includes(character)))) return text;
  }
}

/** log2 of how many texts `generate` may return: inclusion and exclusion over the demanded kinds. */
export function bitsOf({ length, sets, demanded }: United): number {
  const size = (of: readonly Class[]): number => of.reduce((n, c) => n + sets[c].length, 0);
  const all = size(classes);
  const letters = size(['lower', 'upper']);
  const firstSize = letters || all;
  let share = 0;
  for (let subset = 0; subset < 1 << demanded.length; subset++) {
    const without = demanded.filter((_, i) => subset & (1 << i));
    const firstLeft = letters ? letters - size(without.filter((c) => c === 'lower' || c === 'upper')) : all - size(without);
    const sign = without.length % 2 ? -1 : 1;
    share += sign * (firstLeft / firstSize) * ((all - size(without)) / all) ** (length - 1);
  }
  // Nothing to choose from; the sum then is 0 but for rounding.
  if (share < 1e-12) return 0;
  return Math.log2(firstSize) + (length - 1) * Math.log2(all) + Math.log2(share);
}

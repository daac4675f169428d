// Which names of a target the estate file takes, as globs: only * and ? are special.
import { z } from 'zod';

const glob = z.string().min(1);

/** `what`: how the target calls its accounts; `all`: what is taken where nothing is said. */
export const scopeSettings = (what: string, all = 'all') => ({
  include: z.array(glob).default([]).describe(`${what} names to take, as globs (* and ?). Left out: ${all}.`),
  exclude: z.array(glob).default([]).describe(`${what} names to leave out, as globs.`),
});
export type Scope = { readonly include: readonly string[]; readonly exclude: readonly string[] };

/** A test of names, made once for a page of them. */
export function scopeOf({ include, exclude }: Scope): (name: string) => boolean {
  const [takes, leaves] = [include.map(pattern), exclude.map(pattern)];
  return (name) => (takes.length === 0 || takes.some((each) => each.test(name))) && !leaves.some((each) => each.test(name));
}

const pattern = (written: string): RegExp => new RegExp(`^${globSource(written)}$`, 'su');

/** The regular expression of one glob, without its anchors. */
export function globSource(written: string): string {
  return written
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
}

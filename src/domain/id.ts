// Short ids people read aloud: Crockford's alphabet without I, L, O, U, so that a typing mistake cannot name another thing.
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export type IdPrefix = 'P' | 'R' | 'H' | 'X' | 'S' | 'M' | 'T' | 'L' | 'I';

/** `R-7K3QX2MA`: 8 characters, 40 bits; pass at least 8 random bytes. P plan, R run, H hand-over, X exception, S sign-off, M member, T token, L login (a session), I invitation. */
export function shortId(prefix: IdPrefix, random: Uint8Array): string {
  return `${prefix}-${Array.from(random.subarray(0, 8), (b) => alphabet[b & 31]).join('')}`;
}

/** What a person typed, in the form ids are stored: upper case, O→0, I and L→1. */
export function normalId(typed: string): string {
  const [prefix = '', rest = ''] = typed.trim().toUpperCase().split('-', 2);
  return `${prefix}-${rest.replaceAll('O', '0').replaceAll(/[IL]/g, '1')}`;
}

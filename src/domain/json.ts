// One canonical text per value (RFC 8785 for the values we use), so that a hash over it means the same everywhere.
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Keys sorted by UTF-16 code units, no white space, undefined members left out. Throws on a number that is not finite. */
export function canonical(value: Json): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('canonical JSON has no NaN or Infinity');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const object = value as { readonly [key: string]: Json | undefined };
  // Every line of the evidence log is made here, eleven for each account of a run: one string that grows, no lists in between.
  let text = '{';
  for (const key of Object.keys(object).sort()) {
    const member = object[key];
    if (member !== undefined) text += `${text === '{' ? '' : ','}${quoted(key)}:${canonical(member)}`;
  }
  return `${text}}`;
}

const names = new Map<string, string>();
/** Member names are few and come again and again; the limit keeps names taken from data (tags, counts) from filling the memory. */
function quoted(name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  const text = JSON.stringify(name);
  if (names.size < 1000) names.set(name, text);
  return text;
}

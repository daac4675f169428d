// The lines of a password file (`user:hash[:more]`): the hash of one user is replaced in each of their lines, every other byte stays.

export type Line = { readonly user: string; readonly hash: string; readonly more: string };

/** Comments and lines without a name or a colon are nobody's. */
export function linesOf(text: string): Line[] {
  return text.split('\n').flatMap((line) => {
    const parts = partsOf(line.replace(/\r$/, ''));
    return parts === undefined ? [] : [parts];
  });
}

/**
 * `undefined`: the user has no line. Where there are several the servers take the first, and the others wait for it to be removed: each gets the new
 * hash, so that no line keeps the old secret.
 */
export const withHash = (text: string, user: string, hash: string): string | undefined =>
  edited(text, user, (line, parts) => `${user}:${hash}${line.slice(user.length + 1 + parts.hash.length)}`);

/** The same for what stands behind the hash. */
export const withMore = (text: string, user: string, edit: (more: string) => string): string | undefined =>
  edited(text, user, (_, parts) => `${user}:${parts.hash}:${edit(parts.more)}`);

function edited(text: string, user: string, edit: (line: string, parts: Line) => string): string | undefined {
  let found = false;
  const lines = text.split(/(?<=\n)/).map((whole) => {
    const line = whole.replace(/\r?\n?$/, '');
    const parts = partsOf(line);
    if (parts === undefined || parts.user !== user) return whole;
    found = true;
    return edit(line, parts) + whole.slice(line.length);
  });
  return found ? lines.join('') : undefined;
}

function partsOf(line: string): Line | undefined {
  const colon = line.indexOf(':');
  if (colon <= 0 || line.startsWith('#')) return undefined;
  const end = line.indexOf(':', colon + 1);
  return {
    user: line.slice(0, colon),
    hash: line.slice(colon + 1, end < 0 ? undefined : end),
    more: end < 0 ? '' : line.slice(end + 1),
  };
}

/** The names in the file are bytes, ours are text. */
export const asWritten = (name: string): string => Buffer.from(name, 'utf8').toString('latin1');
export const asText = (name: string): string => Buffer.from(name, 'latin1').toString('utf8');

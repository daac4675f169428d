// Accounts are user@host. Whatever a name holds, inside a statement it stays a name.

export type Name = { readonly user: string; readonly host: string };

/** A host cannot hold "@", so the last one divides. Undefined: no account of these servers. */
export function nameOf(id: string): Name | undefined {
  const at = id.lastIndexOf('@');
  return at < 0 || id.includes('\0') ? undefined : { user: id.slice(0, at), host: id.slice(at + 1) };
}

export const idOf = ({ user, host }: Name): string => `${user}@${host}`;

/** For statements that take no parameters (ALTER USER). */
export function quoted({ user, host }: Name): string {
  return `${literal(user)}@${literal(host)}`;
}

/**
 * Right under the session's own sql_mode, which server.ts empties (backslash escapes, no ANSI_QUOTES), on a connection in utf8mb4, where no
 * other character ends in the byte of a quote or a backslash.
 */
export function literal(text: string): string {
  if (text.includes('\0')) throw new RangeError('a text cannot hold NUL');
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** A glob as a pattern for LIKE … ESCAPE '!'. */
export function likePattern(glob: string): string {
  return glob.replace(/[!%_]/g, '!$&').replaceAll('*', '%').replaceAll('?', '_');
}

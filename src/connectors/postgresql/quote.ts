// Role names inside statements that take no bind parameters: whatever the name holds, it stays a name.

/** Throws on NUL, which no name at the server can hold. */
export function identifier(name: string): string {
  if (name.includes('\0')) throw new RangeError('a role name cannot hold NUL');
  return `"${name.replaceAll('"', '""')}"`;
}

/** Right under either setting of standard_conforming_strings: a backslash makes it an E string. */
export function literal(text: string): string {
  if (text.includes('\0')) throw new RangeError('a text cannot hold NUL');
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? ` E${quoted}` : quoted;
}

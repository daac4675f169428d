// Distinguished names (RFC 4514) taken apart and compared, and values escaped, so that no account name can change what a DN means.

export type Ava = { readonly type: string; readonly value: string };
/** Leaf first, as written; a multi-valued RDN keeps its parts together. */
export type Rdn = readonly Ava[];

const plain = /[^\\,+;]*/y;
const special = /[\\,+"<>;=\0]/g;

/** A value as it may stand in a DN. */
export function escapeValue(value: string): string {
  const escaped = value.replace(special, (character) => (character === '\0' ? '\\00' : `\\${character}`));
  const first = /^[ #]/.test(escaped) ? `\\${escaped}` : escaped;
  return first.endsWith(' ') && first.length > 1 && !/(^|[^\\])(\\\\)*\\ $/.test(first) ? `${first.slice(0, -1)}\\ ` : first;
}

/** `undefined` when the text is no DN. The empty DN is an empty list. */
export function parseDn(dn: string): readonly Rdn[] | undefined {
  if (dn.trim() === '') return [];
  const rdns: Ava[][] = [[]];
  let at = 0;
  while (at <= dn.length) {
    const equals = dn.indexOf('=', at);
    if (equals < 0) return undefined;
    const type = dn.slice(at, equals).trim();
    if (!/^([A-Za-z][A-Za-z0-9-]*|\d+(\.\d+)*)$/.test(type)) return undefined;
    const read = readValue(dn, equals + 1);
    if (read === undefined) return undefined;
    (rdns[rdns.length - 1] as Ava[]).push({ type, value: read.value });
    const separator = dn[read.end];
    if (separator === undefined) return rdns;
    if (separator !== '+') rdns.push([]);
    at = read.end + 1;
  }
  return undefined;
}

function readValue(dn: string, start: number): { value: string; end: number } | undefined {
  let at = start;
  while (dn[at] === ' ') at++;
  // A name without escapes, as almost all are, needs no bytes.
  plain.lastIndex = at;
  const whole = plain.exec(dn)?.[0] ?? '';
  const next = dn[at + whole.length];
  if (next === undefined || next === ',' || next === '+' || next === ';')
    return { value: whole.replace(/ +$/, ''), end: at + whole.length };
  const out: number[] = [];
  let solid = 0;
  for (; at < dn.length && !',+;'.includes(dn[at] as string); at++) {
    const character = dn.codePointAt(at) as number;
    if (character === 0x5c) {
      const hex = /^[0-9a-fA-F]{2}/.exec(dn.slice(at + 1, at + 3))?.[0];
      const next = dn.codePointAt(at + 1);
      if (hex === undefined && next === undefined) return undefined;
      if (hex === undefined) out.push(...Buffer.from(String.fromCodePoint(next as number)));
      else out.push(Number.parseInt(hex, 16));
      at += hex === undefined ? ((next as number) > 0xffff ? 2 : 1) : 2;
      solid = out.length;
      continue;
    }
    out.push(...Buffer.from(String.fromCodePoint(character)));
    if (character > 0xffff) at++;
    if (character !== 0x20) solid = out.length;
  }
  return { value: Buffer.from(out.slice(0, solid)).toString('utf8'), end: at };
}

/** One spelling per name: types and values in lower case, inner spaces folded (the rule of caseIgnoreMatch, which naming attributes use). */
export function normalDn(dn: string): string {
  const rdns = parseDn(dn);
  if (rdns === undefined) return dn.trim().toLowerCase();
  const ava = ({ type, value }: Ava) => `${type.toLowerCase()}=${escapeValue(value.toLowerCase().replace(/ +/g, ' '))}`;
  return rdns.map((rdn) => rdn.map(ava).sort().join('+')).join(',');
}

/** The first RDN as people type it (`uid=alice`), and its bare value. */
export function leafOf(dn: string): { readonly name: string; readonly login: string } | undefined {
  const rdn = parseDn(dn)?.[0];
  if (rdn === undefined) return undefined;
  return { name: rdn.map(({ type, value }) => `${type}=${escapeValue(value)}`).join('+'), login: (rdn[0] as Ava).value };
}

// LDAP messages (RFC 4511) and the controls this connector speaks. Requests are BER trees; answers are plain values.
import {
  type Ber,
  BerError,
  boolean,
  bytes,
  type Element,
  elements,
  encode,
  group,
  integer,
  sequence,
  tags,
  text,
  toInteger,
} from './ber.ts';
import { type Filter, filterBer } from './filter.ts';

export const oids = {
  modifyPassword: '1.3.6.1.4.1.4203.1.11.1',
  startTls: '1.3.6.1.4.1.1466.20037',
  passwordPolicy: '1.3.6.1.4.1.42.2.27.8.5.1',
  paged: '1.2.840.113556.1.4.319',
  noOp: '1.3.6.1.4.1.4203.666.5.2',
} as const;

export type Control = { readonly oid: string; readonly critical: boolean; readonly value?: Buffer };
export type Entry = { readonly dn: string; readonly values: ReadonlyMap<string, readonly Buffer[]> };
export type Answer = {
  readonly code: number;
  readonly message: string;
  readonly controls: ReadonlyMap<string, Buffer>;
  readonly entries: readonly Entry[];
};

export const ppolicyControl: Control = { oid: oids.passwordPolicy, critical: false };
export const noOpControl: Control = { oid: oids.noOp, critical: true };
export const pagedControl = (size: number, cookie: Buffer): Control => ({
  oid: oids.paged,
  critical: true,
  value: encode(sequence(integer(size), bytes(cookie))),
});

export const bindRequest = (dn: string, password: Uint8Array): Ber => group(0x60, integer(3), text(dn), bytes(password, 0x80));
export const unbindRequest: Ber = bytes(Buffer.alloc(0), 0x42);
export const startTlsRequest: Ber = group(0x77, text(oids.startTls, 0x80));

/** RFC 3062: the server hashes and, in OpenLDAP, replaces every value the entry had. */
export function modifyPasswordRequest(dn: string, password: Uint8Array): Ber {
  return group(0x77, text(oids.modifyPassword, 0x80), group(0x81, sequence(text(dn, 0x80), bytes(password, 0x82))));
}

export type Change = { readonly op: 'add' | 'delete' | 'replace'; readonly type: string; readonly values: readonly Uint8Array[] };
const changeOps = { add: 0, delete: 1, replace: 2 } as const;

export function modifyRequest(dn: string, changes: readonly Change[]): Ber {
  const change = ({ op, type, values }: Change) =>
    sequence(integer(changeOps[op], tags.enumerated), sequence(text(type), group(tags.set, ...values.map((value) => bytes(value)))));
  return group(0x66, text(dn), sequence(...changes.map(change)));
}

export const compareRequest = (dn: string, type: string, value: string): Ber => group(0x6e, text(dn), sequence(text(type), text(value)));

export type Search = {
  readonly base: string;
  readonly scope: 'base' | 'one' | 'sub';
  readonly filter: Filter;
  readonly attributes: readonly string[];
  readonly sizeLimit?: number;
  /** Names without values: for attributes whose values are secrets. */
  readonly typesOnly?: boolean;
};
const scopes = { base: 0, one: 1, sub: 2 } as const;

export function searchRequest(search: Search): Ber {
  return group(
    0x63,
    text(search.base),
    integer(scopes[search.scope], tags.enumerated),
    integer(0, tags.enumerated),
    integer(search.sizeLimit ?? 0),
    integer(0),
    boolean(search.typesOnly ?? false),
    filterBer(search.filter),
    sequence(...search.attributes.map((name) => text(name))),
  );
}

export function encodeMessage(id: number, request: Ber, controls: readonly Control[]): Buffer {
  const control = ({ oid, critical, value }: Control) =>
    sequence(text(oid), ...(critical ? [boolean(true)] : []), ...(value === undefined ? [] : [bytes(value)]));
  return encode(sequence(integer(id), request, ...(controls.length > 0 ? [group(0xa0, ...controls.map(control))] : [])));
}

/** One message from the server. `entry` and `reference` come before the search's `result`. */
export type Received = { readonly id: number } & (
  | { readonly entry: Entry }
  | { readonly reference: true }
  | { readonly result: Omit<Answer, 'entries'> }
);

export function decodeMessage(message: Buffer): Received {
  const [outer] = elements(message);
  const [idElement, op, controls] = elements((outer as Element).body);
  if (idElement === undefined || op === undefined) throw new BerError('message without id or operation');
  const id = toInteger(idElement.body);
  if (op.tag === 0x64) return { id, entry: decodeEntry(op.body) };
  if (op.tag === 0x73) return { id, reference: true };
  const [code, , diagnostic] = elements(op.body);
  if (code === undefined || diagnostic === undefined) throw new BerError('result without code');
  const result = { code: toInteger(code.body), message: diagnostic.body.toString('utf8'), controls: decodeControls(controls) };
  return { id, result };
}

function decodeEntry(body: Buffer): Entry {
  const [name, attributes] = elements(body);
  if (name === undefined || attributes === undefined) throw new BerError('entry without name');
  const values = new Map<string, readonly Buffer[]>();
  for (const { body: attribute } of elements(attributes.body)) {
    const [type, set] = elements(attribute);
    if (type !== undefined && set !== undefined)
      values.set(
        type.body.toString('utf8').toLowerCase(),
        elements(set.body).map((value) => value.body),
      );
  }
  return { dn: name.body.toString('utf8'), values };
}

const noControls: ReadonlyMap<string, Buffer> = new Map();
function decodeControls(element: Element | undefined): ReadonlyMap<string, Buffer> {
  if (element?.tag !== 0xa0) return noControls;
  const found = new Map<string, Buffer>();
  for (const { body } of elements(element.body)) {
    const parts = elements(body);
    const value = parts.find((part, n) => n > 0 && part.tag === tags.octets);
    found.set((parts[0] as Element).body.toString('utf8'), value?.body ?? Buffer.alloc(0));
  }
  return found;
}

/** Of the password-policy response: the error number, if the server named one. */
export function policyError(answer: Pick<Answer, 'controls'>): number | undefined {
  const value = answer.controls.get(oids.passwordPolicy);
  if (value === undefined || value.length === 0) return undefined;
  const error = elements((elements(value)[0] as Element).body).find((part) => part.tag === 0x81);
  return error === undefined ? undefined : toInteger(error.body);
}

export function pagedCookie(answer: Pick<Answer, 'controls'>): Buffer {
  const value = answer.controls.get(oids.paged);
  const cookie = value === undefined ? undefined : elements((elements(value)[0] as Element).body)[1]?.body;
  return cookie === undefined ? Buffer.alloc(0) : Buffer.from(cookie);
}

export const valuesOf = (entry: Entry, type: string): readonly string[] =>
  (entry.values.get(type.toLowerCase()) ?? []).map((value) => value.toString('utf8'));
export const firstOf = (entry: Entry, type: string): string | undefined => entry.values.get(type.toLowerCase())?.[0]?.toString('utf8');

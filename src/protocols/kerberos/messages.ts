// The messages of a Kerberos login (RFC 4120): the request is written, of the answers only what the login needs is read.
import { type Ber, BerError, bytes, type Element, elements, encode, group, integer, sequence, text, toInteger } from '../ldap/ber.ts';

/** ASN.1 context tag [n]. */
const context = (n: number, child: Ber): Ber => group(0xa0 | n, child);
const string = (value: string): Ber => text(value, 0x1b);

export const preauth = { encryptedTimestamp: 2, etypeInfo2: 19 } as const;
export type Preauth = { readonly type: number; readonly value: Uint8Array };
export type EncryptedData = { readonly etype: number; readonly cipher: Buffer };
/** How the KDC makes the key of this principal: its salt and its rounds. */
export type KeyHint = { readonly etype: number; readonly salt?: Buffer; readonly parameters?: Buffer };

export type AsRequest = {
  readonly realm: string;
  /** Components of the principal's name: `alice`, or `imap` and `mail.example.test`. */
  readonly name: readonly string[];
  readonly till: Date;
  readonly nonce: number;
  readonly etypes: readonly number[];
  readonly preauth: readonly Preauth[];
};

const time = (at: Date): Ber => text(at.toISOString().replace(/[-:T]|\.\d+/g, ''), 0x18);

/** Types 1 (a person or service by name) and 2 (the ticket-granting service). */
const principal = (type: number, name: readonly string[]): Ber =>
  sequence(context(0, integer(type)), context(1, sequence(...name.map(string))));

export function encodeAsRequest(request: AsRequest): Buffer {
  const data = request.preauth.map(({ type, value }) => sequence(context(1, integer(type)), context(2, bytes(value))));
  const body = sequence(
    // No option is asked for: not forwardable, not renewable.
    context(0, bytes(Uint8Array.of(0, 0, 0, 0, 0), 0x03)),
    context(1, principal(1, request.name)),
    context(2, string(request.realm)),
    context(3, principal(2, ['krbtgt', request.realm])),
    context(5, time(request.till)),
    context(7, integer(request.nonce)),
    context(8, sequence(...request.etypes.map((each) => integer(each)))),
  );
  return encode(
    group(
      0x6a,
      sequence(
        context(1, integer(5)),
        context(2, integer(10)),
        ...(data.length > 0 ? [context(3, sequence(...data))] : []),
        context(4, body),
      ),
    ),
  );
}

/** PA-ENC-TS-ENC: what the client's key is proved with. */
export const encodeTimestamp = (at: Date, microseconds: number): Buffer =>
  encode(sequence(context(0, time(at)), context(1, integer(microseconds))));

export const encodeEncryptedData = (etype: number, cipher: Uint8Array): Buffer =>
  encode(sequence(context(0, integer(etype)), context(2, bytes(cipher))));

/** `ticket`: the KDC answered with one; whether it can be opened is for the key to say. */
export type AsAnswer =
  | { readonly kind: 'ticket'; readonly sealed: EncryptedData; readonly hints: readonly KeyHint[] }
  | { readonly kind: 'error'; readonly code: number; readonly hints: readonly KeyHint[]; readonly preauth: readonly number[] };

/** Throws BerError for anything else. */
export function decodeAsAnswer(message: Buffer): AsAnswer {
  const [outer] = elements(message);
  if (outer?.tag === 0x6b) {
    const fields = fieldsOf(outer.body);
    const data = fields.get(2);
    return { kind: 'ticket', sealed: encryptedData(only(need(fields, 6))), hints: data === undefined ? [] : hintsOf(only(data).body) };
  }
  if (outer?.tag === 0x7e) {
    const fields = fieldsOf(outer.body);
    const code = toInteger(only(need(fields, 6)).body);
    const data = fields.get(12);
    // Only with "preauthentication required" the error data are a list of ways to do it; others have formats of their own.
    if (code !== preauthRequired || data === undefined) return { kind: 'error', code, hints: [], preauth: [] };
    const list = only(Buffer.from(only(data).body)).body;
    return { kind: 'error', code, hints: hintsOf(list), preauth: preauthOf(list).map(({ type }) => type) };
  }
  throw new BerError('neither an AS-REP nor a KRB-ERROR');
}
export const preauthRequired = 25;

/** The nonce inside the decrypted part of an AS-REP. Some KDCs give it the tag of a TGS-REP. */
export function nonceOf(plain: Buffer): number | undefined {
  const [outer] = elements(plain);
  if (outer?.tag !== 0x79 && outer?.tag !== 0x7a) return undefined;
  const nonce = fieldsOf(outer.body).get(2);
  return nonce === undefined ? undefined : toInteger(only(nonce).body);
}

function preauthOf(list: Buffer): Preauth[] {
  return elements(list).map(({ body }) => {
    const fields = contextFields(body);
    return { type: toInteger(only(need(fields, 1)).body), value: only(need(fields, 2)).body };
  });
}

function hintsOf(list: Buffer): KeyHint[] {
  const info = preauthOf(list).find(({ type }) => type === preauth.etypeInfo2);
  if (info === undefined) return [];
  return elements(only(Buffer.from(info.value)).body).map(({ body }) => {
    const fields = contextFields(body);
    const [salt, parameters] = [fields.get(1), fields.get(2)];
    return {
      etype: toInteger(only(need(fields, 0)).body),
      ...(salt === undefined ? {} : { salt: only(salt).body }),
      ...(parameters === undefined ? {} : { parameters: only(parameters).body }),
    };
  });
}

function encryptedData({ body }: Element): EncryptedData {
  const fields = contextFields(body);
  return { etype: toInteger(only(need(fields, 0)).body), cipher: only(need(fields, 2)).body };
}

/** The context-tagged fields of the sequence inside an application tag. */
const fieldsOf = (body: Buffer): Map<number, Buffer> => contextFields(only(body).body);

function contextFields(body: Buffer): Map<number, Buffer> {
  return new Map(elements(body).map((element) => [element.tag & 0x1f, element.body]));
}

function need(fields: Map<number, Buffer>, n: number): Buffer {
  const found = fields.get(n);
  if (found === undefined) throw new BerError(`field ${n} is missing`);
  return found;
}

function only(body: Buffer): Element {
  const [element] = elements(body);
  if (element === undefined) throw new BerError('empty element');
  return element;
}

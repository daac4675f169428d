// Servers that are not OpenLDAP, or not well: a scripted directory answers what real ones answer in bad moments.
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ldap } from '../../src/connectors/ldap/ldap.ts';
import {
  type Ber,
  bytes,
  elementSize,
  elements,
  encode,
  group,
  integer,
  sequence,
  tags,
  text,
  toInteger,
} from '../../src/protocols/ldap/ber.ts';
import { secretOf } from '../../src/seal/secret.ts';

type Ask = { readonly id: number; readonly tag: number; readonly raw: Buffer };
type Script = (ask: Ask) => readonly Ber[] | 'hang-up' | 'silence';

const id = '0f4a8c52-79a1-1041-8ee3-555040cb2554';
const dn = 'uid=alice,dc=lab,dc=test';
const ref = { system: 'lab', id, name: 'uid=alice', locator: dn };
const [bindTag, searchTag, modifyTag, compareTag, extendedTag] = [0x60, 0x63, 0x66, 0x6e, 0x77];

const result = (tag: number, code: number, message = '') => group(tag, integer(code, tags.enumerated), text(''), text(message));
const entry = (name: string, values: Record<string, string>) =>
  group(0x64, text(name), sequence(...Object.entries(values).map(([type, value]) => sequence(text(type), group(tags.set, text(value))))));

/** A healthy, plain RFC server; `over` answers first where it wants to. */
function plain(over: (ask: Ask) => ReturnType<Script> | undefined, extensions: readonly string[] = []): Script {
  return (ask) => {
    const special = over(ask);
    if (special !== undefined) return special;
    if (ask.tag === bindTag) return [result(0x61, 0)];
    if (ask.tag === modifyTag) return [result(0x67, 0)];
    if (ask.tag === extendedTag) return [result(0x78, 0)];
    if (ask.tag === compareTag) return [result(0x6f, 16)];
    if (ask.tag !== searchTag) return [];
    if (ask.raw.includes('supportedExtension')) {
      const root = group(
        0x64,
        text(''),
        sequence(sequence(text('supportedExtension'), group(tags.set, ...extensions.map((oid) => text(oid))))),
      );
      return [root, result(0x65, 0)];
    }
    return ask.raw.includes(dn) ? [entry(dn, { entryUUID: id, objectClass: 'inetOrgPerson' }), result(0x65, 0)] : [result(0x65, 0)];
  };
}

let server: Server | undefined;
const sockets = new Set<Socket>();
const asked: number[] = [];
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  asked.length = 0;
  server?.close();
});

async function directory(script: Script) {
  server = createServer((socket) => {
    sockets.add(socket);
    let rest = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (let size = elementSize(rest); size !== undefined && rest.length >= size; size = elementSize(rest)) {
        const raw = rest.subarray(0, size);
        rest = rest.subarray(size);
        const [outer] = elements(raw);
        const [number, op] = elements((outer as { body: Buffer }).body);
        const ask = { id: toInteger((number as { body: Buffer }).body), tag: (op as { tag: number }).tag, raw };
        asked.push(ask.tag);
        const answer = script(ask);
        if (answer === 'hang-up') socket.destroy();
        else if (answer !== 'silence') for (const each of answer) socket.write(encode(sequence(integer(ask.id), each)));
      }
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const bind = { dn: 'cn=rekey,dc=lab,dc=test', password: { env: 'X' } };
  const settings = ldap.config.parse({ url: `ldap://127.0.0.1:${port}`, base: 'dc=lab,dc=test', bind });
  const io = { system: 'lab', timeoutMs: 400, signal: new AbortController().signal, now: () => new Date(), path: (each: string) => each };
  return ldap.open(settings, { ...io, resolve: async () => secretOf('bind', 'bind-password') });
}

const secret = secretOf('v1', 'A-New-Password-1');
const modifyPassword = '1.3.6.1.4.1.4203.1.11.1';

describe('a directory without the password-modify operation', () => {
  test('gets a replace of userPassword, never an add', async () => {
    let written: Buffer | undefined;
    const opened = await directory(
      plain((ask) => {
        if (ask.tag === modifyTag) written = Buffer.from(ask.raw);
        return undefined;
      }),
    );
    expect((await opened.setSecret.set(ref, secret)).kind).toBe('done');
    expect(asked).not.toContain(extendedTag);
    const replace = encode(
      sequence(integer(2, tags.enumerated), sequence(text('userPassword'), group(tags.set, bytes(Buffer.from('A-New-Password-1'))))),
    );
    expect(written?.includes(replace)).toBe(true);
    await opened[Symbol.asyncDispose]();
  });
});

describe('a server in trouble', () => {
  test.each([
    [51, 'indeterminate', 'throttled'],
    [52, 'indeterminate', 'unreachable'],
    [80, 'indeterminate', 'protocol'],
    [1, 'indeterminate', 'protocol'],
    [123, 'indeterminate', 'protocol'],
    [50, 'refused', 'permission'],
    [53, 'refused', 'policy'],
    [32, 'refused', 'not-found'],
    [10, 'refused', 'unsupported'],
  ] as const)('answer %i to a write is %s (%s)', async (code, kind, fault) => {
    const opened = await directory(
      plain((ask) => (ask.tag === extendedTag ? [result(0x78, code, 'as scripted')] : undefined), [modifyPassword]),
    );
    expect(await opened.setSecret.set(ref, secret)).toMatchObject({ kind, fault: { code: fault, target: String(code) } });
    await opened[Symbol.asyncDispose]();
  });

  test.each([
    ['hangs up on the write', 'hang-up', 'indeterminate'],
    ['never answers the write', 'silence', 'indeterminate'],
  ] as const)('one that %s leaves the outcome open', async (_name, act, kind) => {
    const opened = await directory(plain((ask) => (ask.tag === extendedTag ? act : undefined), [modifyPassword]));
    expect((await opened.setSecret.set(ref, secret)).kind).toBe(kind);
    await opened[Symbol.asyncDispose]();
  });

  test('one that hangs up on the login before the write has certainly changed nothing', async () => {
    const opened = await directory(plain((ask) => (ask.tag === bindTag ? 'hang-up' : undefined)));
    expect(await opened.setSecret.set(ref, secret)).toMatchObject({ kind: 'refused', fault: { code: 'unreachable' } });
    expect(asked).not.toContain(extendedTag);
    await opened[Symbol.asyncDispose]();
  });

  test('one that speaks something else is no verdict', async () => {
    const opened = await directory(() => [bytes(Buffer.alloc(3, 0xff), 0x30)]);
    const [where] = await opened.probe.paths();
    expect(await opened.probe.attempt(ref, secret, where as NonNullable<typeof where>)).toEqual({
      verdict: 'indeterminate',
      code: 'EPROTO',
    });
    await opened[Symbol.asyncDispose]();
  });

  test('a bind is rejected by the credential error alone', async () => {
    let code = 0;
    const opened = await directory(plain((ask) => (ask.tag === bindTag && ask.raw.includes(dn) ? [result(0x61, code)] : undefined)));
    const [where] = await opened.probe.paths();
    const verdicts: Record<number, string> = {};
    for (code of [0, 49, 48, 53, 19, 32, 8, 13, 51, 52, 80, 7, 50]) {
      verdicts[code] = (await opened.probe.attempt(ref, secret, where as NonNullable<typeof where>)).verdict;
    }
    const open = Object.fromEntries([48, 53, 19, 32, 8, 13, 51, 52, 80, 7, 50].map((each) => [each, 'indeterminate']));
    expect(verdicts).toEqual({ ...open, 0: 'accepted', 49: 'rejected' });
    await opened[Symbol.asyncDispose]();
  });
});

// What a false KDC gets to see: nothing that would make guessing the password cheaper.
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { secretOf } from '../../seal/secret.ts';
import { type Ber, bytes, encode, group, integer, sequence, text } from '../ldap/ber.ts';
import { type LoggedIn, logIn } from './log-in.ts';

let server: Server | undefined;
afterEach(() => server?.close());

const context = (n: number, child: Ber): Ber => group(0xa0 | n, child);
const preauth = (type: number, value: Uint8Array): Ber => sequence(context(1, integer(type)), context(2, bytes(value)));

/** "Preauthentication required", with these ways to do it. */
function required(...ways: readonly Ber[]): Buffer {
  const data = encode(sequence(...ways));
  return encode(group(0x7e, sequence(context(0, integer(5)), context(1, integer(30)), context(6, integer(25)), context(12, bytes(data)))));
}

function keyOf(etype: number, rounds: number): Ber {
  const parameters = Buffer.alloc(4);
  parameters.writeUInt32BE(rounds);
  const info = sequence(context(0, integer(etype)), context(1, text('LAB.TESTalice', 0x1b)), context(2, bytes(parameters)));
  return preauth(19, encode(sequence(info)));
}
const timestamp = preauth(2, Buffer.alloc(0));

/** Answers every request with these bytes; says what came of the login and how many requests there were. */
async function against(message: Buffer): Promise<{ readonly answer: LoggedIn; readonly requests: number }> {
  let requests = 0;
  server = createServer((client) => {
    client.on('error', () => {});
    client.once('data', () => {
      requests++;
      const length = Buffer.alloc(4);
      length.writeUInt32BE(message.length);
      client.end(Buffer.concat([length, message]));
    });
  });
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const until = { deadline: performance.now() + 2000, signal: new AbortController().signal };
  const kdc = { host: '127.0.0.1', port };
  const answer = await logIn(kdc, { realm: 'LAB.TEST', name: ['alice'] }, secretOf('v', 'password'), until, () => new Date());
  return { answer, requests };
}

for (const rounds of [0, 1, 4095, 0xffffffff])
  test(`a key of ${rounds} rounds is not made, and no timestamp is shown`, async () => {
    const seen = await against(required(timestamp, keyOf(18, rounds)));
    expect(seen).toEqual({ answer: { kind: 'unknown', code: 'key-rounds' }, requests: 1 });
  });

test('a KDC that offers RC4 only is shown no timestamp', async () => {
  const info = preauth(19, encode(sequence(sequence(context(0, integer(23))))));
  expect(await against(required(timestamp, info))).toEqual({ answer: { kind: 'unknown', code: 'no-aes-key' }, requests: 1 });
});

test('a KDC that takes no encrypted timestamp is shown none', async () => {
  expect(await against(required(keyOf(18, 4096)))).toEqual({ answer: { kind: 'unknown', code: 'no-encrypted-timestamp' }, requests: 1 });
});

test('a KDC that asks again and again is asked twice', async () => {
  expect(await against(required(timestamp, keyOf(18, 4096)))).toEqual({ answer: { kind: 'error', code: 25, shown: true }, requests: 2 });
});

test('every truncation of an answer is no verdict, and nothing is thrown', async () => {
  const whole = required(timestamp, keyOf(18, 1));
  for (let size = 0; size < whole.length; size += 7) {
    const { answer } = await against(whole.subarray(0, size));
    expect(answer).toEqual({ kind: 'unknown', code: 'EPROTO' });
    server?.close();
  }
});

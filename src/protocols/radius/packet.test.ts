// RADIUS packets against published bytes, and every way in which an answer can fail to be one.
import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { decodeReply, encodeAccessRequest, textOf, types } from './packet.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const shared = Buffer.from('xyzzy5461');
const authenticator = hex('0f403f9473978057bd83d5cb98f4227a');
const request = { identifier: 7, authenticator, shared };

test('a password is hidden as in RFC 2865 section 7.1', () => {
  const packet = encodeAccessRequest({ ...request, user: 'nemo', password: Buffer.from('arctangent'), nasIdentifier: 'x' });
  expect(packet.includes(hex('0212 0dbe708d93d413ce3196e43f782a0aee'))).toBe(true);
  expect(packet.includes('arctangent')).toBe(false);
});

test('the Message-Authenticator stands first and signs the whole request', () => {
  const packet = encodeAccessRequest({ ...request, user: 'nemo', password: Buffer.from('arctangent'), nasIdentifier: 'x' });
  expect([...packet.subarray(20, 22)]).toEqual([types.messageAuthenticator, 18]);
  const mark = Buffer.from(packet.subarray(22, 38));
  const zeroed = Buffer.from(packet).fill(0, 22, 38);
  expect(mark.equals(createHmac('md5', shared).update(zeroed).digest())).toBe(true);
  expect(packet.readUInt16BE(2)).toBe(packet.length);
});

test('a password of more than one block is chained', () => {
  const password = Buffer.from('0123456789abcdef0123456789abcdef!');
  const packet = encodeAccessRequest({ ...request, user: 'n', password, nasIdentifier: 'x' });
  const at = packet.indexOf(Buffer.from([types.userPassword, 50]));
  const hidden = packet.subarray(at + 2, at + 50);
  let before: Buffer = authenticator;
  const shown = Buffer.alloc(48);
  for (let n = 0; n < 48; n += 16) {
    const mask = createHash('md5').update(shared).update(before).digest();
    for (let m = 0; m < 16; m++) shown[n + m] = (hidden[n + m] as number) ^ (mask[m] as number);
    before = hidden.subarray(n, n + 16);
  }
  expect(shown.toString().replace(/\0+$/, '')).toBe(password.toString());
});

type Around = { code?: number; secret?: Buffer; sign?: boolean; identifier?: number; message?: string };

function reply({ code = 2, secret = shared, sign = true, identifier = 7, message = 'welcome' }: Around = {}): Buffer {
  const text = Buffer.from(message);
  const mark = sign ? Buffer.concat([Buffer.from([80, 18]), Buffer.alloc(16)]) : Buffer.alloc(0);
  const packet = Buffer.concat([Buffer.from([code, identifier, 0, 0]), authenticator, mark, Buffer.from([18, text.length + 2]), text]);
  packet.writeUInt16BE(packet.length, 2);
  if (sign) packet.set(createHmac('md5', secret).update(packet).digest(), 22);
  packet.set(createHash('md5').update(packet).update(secret).digest(), 4);
  return packet;
}

test('a signed answer is read, padding after its length is not', () => {
  const read = decodeReply(Buffer.concat([reply(), Buffer.alloc(9)]), request);
  expect(typeof read === 'string' ? read : [read.code, textOf(read, types.replyMessage)]).toEqual([2, 'welcome']);
});

test('an answer signed with another shared secret is forged', () => {
  expect(decodeReply(reply({ secret: Buffer.from('other') }), request)).toBe('forged');
});

test('an answer without Message-Authenticator is unsigned, even when its response authenticator fits (CVE-2024-3596)', () => {
  expect(decodeReply(reply({ sign: false }), request)).toBe('unsigned');
});

test('an accept made out of a reject is forged', () => {
  const changed = reply({ code: 3 });
  changed[0] = 2;
  expect(decodeReply(changed, request)).toBe('forged');
});

test('a changed Message-Authenticator under a fitting response authenticator is forged', () => {
  const packet = reply();
  packet[25] = (packet[25] as number) ^ 1;
  const signed = Buffer.from(packet);
  signed.set(authenticator, 4);
  packet.set(createHash('md5').update(signed).update(shared).digest(), 4);
  expect(decodeReply(packet, request)).toBe('forged');
});

test('the answer to another request is a stranger, and bytes that are no packet are malformed', () => {
  expect(decodeReply(reply({ identifier: 8 }), request)).toBe('stranger');
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(19), Buffer.alloc(20), hex('02 07 ffff').subarray(0)]) {
    expect(decodeReply(bytes, request)).toBe('malformed');
  }
});

// Whatever bytes come as an answer: they are read, or they are refused as no Kerberos; nothing else happens.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BerError, bytes, encode, group, integer, sequence } from '../ldap/ber.ts';
import { decodeAsAnswer, encodeAsRequest, nonceOf } from './messages.ts';

const request = {
  realm: 'LAB.TEST',
  name: ['alice'],
  till: new Date('2030-01-02T03:04:05.678Z'),
  nonce: 0x01020304,
  etypes: [18, 17],
  preauth: [],
};

test('a request is written byte by byte as RFC 4120 has it', () => {
  const hex = encodeAsRequest(request).toString('hex');
  // APPLICATION 10, pvno 5, msg-type 10; then the body with its options, names, till 20300102030405Z, nonce and types.
  expect(hex).toMatch(/^6a[0-9a-f]{2}30[0-9a-f]{2}a103020105a20302010aa4/);
  for (const part of [
    'a00703050000000000',
    'a1123010a003020101a10930071b05616c696365',
    'a20a1b084c41422e54455354',
    'a511180f32303330303130323033303430355a',
    'a706020401020304',
    'a8083006020112020111',
  ])
    expect(hex).toContain(part);
});

const context = (n: number, child: ReturnType<typeof integer>) => group(0xa0 | n, child);
const sealed = sequence(context(0, integer(18)), context(2, bytes(Buffer.alloc(40))));
const reply = encode(group(0x6b, sequence(context(0, integer(5)), context(1, integer(11)), context(6, sealed))));

test('a reply is read for what it is sealed with', () => {
  const answer = decodeAsAnswer(reply);
  expect(answer.kind === 'ticket' && [answer.sealed.etype, answer.sealed.cipher.length]).toEqual([18, 40]);
});

test('changed, cut or invented bytes are read or refused, never anything else', () => {
  const damaged = fc.tuple(fc.nat(reply.length - 1), fc.nat(255), fc.nat(reply.length)).map(([at, value, size]) => {
    const copy = Buffer.from(reply);
    copy[at] = value;
    return copy.subarray(0, size);
  });
  const invented = fc.uint8Array({ maxLength: 80 }).map((each) => Buffer.from(each));
  fc.assert(
    fc.property(fc.oneof(damaged, invented), (message) => {
      for (const read of [decodeAsAnswer, nonceOf]) {
        try {
          read(message);
        } catch (error) {
          expect(error).toBeInstanceOf(BerError);
        }
      }
    }),
    { numRuns: 2000 },
  );
});

// BER survives the way out and back, and bytes from outside never read past their message.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BerError, boolean, bytes, elementSize, elements, encode, group, integer, sequence, text, toInteger } from './ber.ts';

describe('encoding', () => {
  test('known bytes: a bind as in RFC 4511', () => {
    const bind = sequence(integer(1), group(0x60, integer(3), text('cn=a'), bytes(Buffer.from('s'), 0x80)));
    expect(encode(bind).toString('hex')).toBe('3011020101600c0201030404636e3d61800173');
  });

  test('integers and booleans come back as they went', () => {
    fc.assert(fc.property(fc.nat({ max: 0x7fffffff }), (n) => toInteger(elements(encode(integer(n)))[0]?.body as Buffer) === n));
    expect(encode(boolean(true)).toString('hex')).toBe('0101ff');
  });

  test('content of any length comes back whole, in every form of the length', () => {
    for (const size of [0, 1, 127, 128, 255, 256, 65_535, 65_536, 1_000_000]) {
      const encoded = encode(sequence(bytes(Buffer.alloc(size, 7)), integer(5)));
      expect(elementSize(encoded)).toBe(encoded.length);
      const [outer] = elements(encoded);
      const [content, five] = elements(outer?.body as Buffer);
      expect(content?.body.length).toBe(size);
      expect(toInteger(five?.body as Buffer)).toBe(5);
    }
  });
});

describe('decoding', () => {
  test('a message cut anywhere is waited for, not misread', () => {
    const whole = encode(sequence(integer(7), text('x'.repeat(300))));
    for (let cut = 0; cut < whole.length; cut++) {
      const size = elementSize(whole.subarray(0, cut));
      expect(size === undefined || size === whole.length).toBe(true);
    }
  });

  test('any bytes give elements or a BerError, never bytes from beyond', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (junk) => {
        try {
          const total = elements(Buffer.from(junk)).reduce((sum, { body }) => sum + body.length + 2, 0);
          return total <= junk.length;
        } catch (error) {
          return error instanceof BerError;
        }
      }),
    );
  });

  test('indefinite and absurd lengths are refused', () => {
    expect(() => elementSize(Buffer.from([0x30, 0x80, 0, 0]))).toThrow(BerError);
    expect(() => elementSize(Buffer.from([0x30, 0x85, 1, 1, 1, 1, 1]))).toThrow(BerError);
    expect(() => toInteger(Buffer.alloc(0))).toThrow(BerError);
  });
});

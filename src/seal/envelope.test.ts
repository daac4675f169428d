import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openWith, overhead, sealWith, secretAad } from './envelope.ts';

const key = createSecretKey(randomBytes(32));
const aad = secretAad('17', 'generated', 3, '5');
const aads = fc.tuple(fc.string(), fc.constantFrom('generated', 'leaked', 'known'), fc.nat(), fc.string());

test('what was sealed opens, whatever its bytes and length', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), aads, (bytes, a) => {
      const sealed = sealWith(key, secretAad(...a), bytes);
      expect(sealed.length).toBe(bytes.length + overhead);
      expect([...openWith(key, secretAad(...a), sealed)]).toEqual([...bytes]);
    }),
  );
});

test('a flipped bit is refused at every position, and so is every shortening', () => {
  const sealed = sealWith(key, aad, Buffer.from('correct horse'));
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Buffer.from(sealed);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(() => openWith(key, aad, changed), `bit ${bit}`).toThrow(/does not open/);
  }
  for (let length = 0; length < sealed.length; length++)
    expect(() => openWith(key, aad, sealed.subarray(0, length))).toThrow(/does not open/);
});

test('a value moved to another account, origin, version or data key does not open', () => {
  fc.assert(
    fc.property(aads, aads, (a, b) => {
      fc.pre(JSON.stringify(a) !== JSON.stringify(b));
      const sealed = sealWith(key, secretAad(...a), Buffer.from('x'));
      expect(() => openWith(key, secretAad(...b), sealed)).toThrow(/does not open/);
    }),
  );
});

test('another key does not open it', () => {
  expect(() => openWith(createSecretKey(randomBytes(32)), aad, sealWith(key, aad, Buffer.from('x')))).toThrow(/another key/);
});

test('no two seals share an IV, nor the same value the same bytes', () => {
  const n = 20_000;
  const ivs = new Set<string>();
  for (let i = 0; i < n; i++) ivs.add(sealWith(key, aad, Buffer.of(1)).subarray(1, 13).toString('hex'));
  expect(ivs.size).toBe(n);
});

// The password file: hashes as mosquitto_passwd writes them, one user's lines replaced, every other byte kept.
import { describe, expect, test } from 'vitest';
import { secretOf } from '../../seal/secret.ts';
import { hashOf, isHashOf, kindOfHash, linesOf, withHash } from './password-file.ts';

/** Made by mosquitto_passwd 2.0.11 for the passwords one-one and two-two. */
const foreign = {
  'one-one': '$7$101$SF/vBzYfpKGkjn9+$jXUooHh1/TIelUcZ/n5VjD2gpx1Qs8lTU/HFQdARPZKvBU0yFoE2lj1/RS5jWJcEhnyiMAcn9pjLWf9N4ZgMKw==',
  'two-two': '$7$101$RnuWtf4yHNAGY8e+$pdQJ+5eB0OrcoVo5WVY4yA7RKD+Xi7cJHQcQW3eE56AJmhpn7o2d7AD23SZfBX8PKKjo0XU5lzC2qr0gbMN23w==',
};

describe('a hash', () => {
  test.each(Object.entries(foreign))("of the broker's own tool is made again from its password and salt: %s", async (password, hash) => {
    const salt = Buffer.from(hash.split('$')[3] ?? '', 'base64');
    expect(await hashOf(secretOf('known', password), salt)).toBe(hash);
    expect(await isHashOf(hash, secretOf('known', password))).toBe(true);
    expect(await isHashOf(hash, secretOf('other', 'one-two'))).toBe(false);
  });

  test('made twice differs, and both are of the secret', async () => {
    const secret = secretOf('v1', 'Zq7canary-xK4wPd2-n3w');
    const [one, two] = [await hashOf(secret), await hashOf(secret)];
    expect(one).not.toBe(two);
    expect([await isHashOf(one, secret), await isHashOf(two, secret)]).toEqual([true, true]);
  });

  test.each([
    [foreign['one-one'], 'pbkdf2-sha512'],
    [`$6$SF/vBzYfpKGkjn9+$${'A'.repeat(86)}==`, 'sha512'],
    ['plain text', 'unreadable'],
    ['', 'unreadable'],
    ['$7$0$AAAA$AAAA', 'unreadable'],
    ['$7$999999999$SF/vBzYfpKGkjn9+$AAAA', 'unreadable'],
    [foreign['one-one'].slice(0, -6), 'unreadable'],
  ])('%s is %s', async (hash, kind) => {
    expect(kindOfHash(hash)).toBe(kind);
    if (kind !== 'pbkdf2-sha512') expect(await isHashOf(hash, secretOf('any', 'one-one'))).toBe(false);
  });
});

describe('a line', () => {
  const text = '# app:comment\n\nother:x\r\napp:old\r\napplication:y\nno colon\napp:older\nlast:z';

  test('is replaced for one user, all its lines giving way to one, and every other byte stays', () => {
    expect(withHash(text, 'app', 'NEW')).toBe('# app:comment\n\nother:x\r\napp:NEW\r\napplication:y\nno colon\nlast:z');
    expect(withHash(text, 'last', 'NEW')).toBe(text.replace('last:z', 'last:NEW'));
  });

  test('is never made for a user that has none', () => {
    for (const user of ['nobody', 'ap', 'no colon', '# app', '']) expect(withHash(text, user, 'NEW')).toBeUndefined();
  });

  test("is read with its hash; comments and lines without a colon are nobody's", () => {
    expect(linesOf(text).map(({ user, hash }) => `${user}=${hash}`)).toEqual([
      'other=x',
      'app=old',
      'application=y',
      'app=older',
      'last=z',
    ]);
  });
});

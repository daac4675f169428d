// The form in which a controller takes a password, and the throw-away value of a double reset, which a replay recognises as its own.
import { hkdfSync } from 'node:crypto';
import type { Secret } from '../../kit/kit.ts';

/** UTF-16LE between double quotes, no length, no BOM (MS-ADTS 3.1.1.3.1.5.1). `use` encodes its request at once: the bytes are wiped when it returns. */
export function unicodePwd<T>(secret: Secret, use: (bytes: Uint8Array) => T): T {
  return secret.text((text) => {
    const bytes = Buffer.from(`"${text}"`, 'utf16le');
    try {
      return use(bytes);
    } finally {
      bytes.fill(0);
    }
  });
}

const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_.+=!*';

/**
 * Drawn from the new value by HKDF instead of by chance: only who has the new value can make it, it tells nothing about it, and a run that died between
 * the two writes sees by one login that the first is done, so the throw-away is never entered twice. As long as the new value, so that the length the
 * policy refuses is refused at the first write, when nothing has changed yet.
 */
export function throwAway(secret: Secret, accountId: string): Secret {
  const length = secret.text((text) => text.length);
  const text = secret.use((bytes) =>
    drawn(Buffer.from(hkdfSync('sha256', bytes, accountId.toLowerCase(), 'rekey previous password 1', 4 * length + 64))),
  );
  // The first four carry the four classes every complexity rule asks for.
  const value = `${pick(text, 0, /[A-Z]/)}${pick(text, 1, /[a-z]/)}${pick(text, 2, /\d/)}${pick(text, 3, /[^A-Za-z\d]/)}${text}`.slice(
    0,
    length,
  );
  return {
    label: 'throw-away',
    use: (f) => f(Buffer.from(value, 'utf8')),
    text: (f) => f(value),
  };
}

/** 64 characters: a byte modulo 64 is even. */
const drawn = (bytes: Buffer): string => [...bytes].map((byte) => alphabet[byte % alphabet.length]).join('');
const pick = (text: string, n: number, wanted: RegExp): string => {
  const fitting = [...alphabet].filter((character) => wanted.test(character));
  return fitting[alphabet.indexOf(text[text.length - 1 - n] as string) % fitting.length] as string;
};

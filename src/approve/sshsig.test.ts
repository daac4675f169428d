// SSH signatures made by ssh-keygen verify here and the other way round; no altered byte gets through. Vectors are of ssh-keygen 9.2.
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sameBytes } from '../cryptography/bytes.ts';
import { nodeCryptography } from '../cryptography/node.ts';
import { webCryptography } from '../cryptography/web.ts';
import { Problem } from '../domain/problem.ts';
import { fingerprintOf } from './fingerprint.ts';
import { signSsh } from './make-sshsig.ts';
import { approvalMessage } from './message.ts';
import { parsePrivateKey } from './ssh-private-key.ts';
import { parsePublicKey } from './ssh-public-key.ts';
import { Malformed, wireString } from './ssh-wire.ts';
import { isSigned, parseSignature } from './sshsig.ts';
import vectors from './vectors.json' with { type: 'json' };

const message = Buffer.from(vectors.message);
const armored = (body: string) =>
  `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.replaceAll(/.{70}/g, '$&\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
/** Node and a browser's cryptography must say the same of every signature. */
const holds = async (text: string, over: Uint8Array = message): Promise<boolean> => {
  try {
    const read = parseSignature(text);
    const said = await isSigned(read, over, nodeCryptography);
    expect(await isSigned(read, over, webCryptography)).toBe(said);
    return said;
  } catch (error) {
    if (error instanceof Malformed) return false;
    throw error;
  }
};
const wrap = (blob: Buffer) =>
  `-----BEGIN SSH SIGNATURE-----\n${(blob.toString('base64').match(/.{1,70}/g) ?? []).join('\n')}\n-----END SSH SIGNATURE-----\n`;
const bytesOf = (text: string) => Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64');

it('the message an approver signs has the bytes the vectors were made with', () => {
  expect(approvalMessage({ id: 'P-7K3QX2MA', hash: 'a'.repeat(64), estate: 'acme' })).toBe(vectors.message);
});
it('a line break cannot smuggle a second field into the message', () => {
  expect(() => approvalMessage({ id: 'P-1\nhash sha256:b', hash: 'a', estate: 'x' })).toThrow(TypeError);
});

describe.each(vectors.keys)('$name', ({ public: line, fingerprint, privateBody, signatures }) => {
  it('reads the public key and gives the fingerprint ssh-keygen gives', () => {
    expect(fingerprintOf(parsePublicKey(line))).toBe(fingerprint);
  });
  it('verifies what ssh-keygen signed, with either hash', async () => {
    expect(await holds(signatures.sha512)).toBe(true);
    expect(await holds(signatures.sha256)).toBe(true);
    expect(parseSignature(signatures.sha512).key.blob).toEqual(parsePublicKey(line).blob);
  });
  it('refuses another message', async () => {
    expect(await holds(signatures.sha512, Buffer.from(`${vectors.message} `))).toBe(false);
  });
  it('refuses every signature with one byte flipped', async () => {
    const blob = bytesOf(signatures.sha512);
    const original = parsePublicKey(line).blob;
    for (let i = 0; i < blob.length; i++) {
      for (const mask of [0x01, 0x80]) {
        const flipped = Buffer.from(blob);
        flipped[i]! ^= mask;
        const text = wrap(flipped);
        expect(
          (await holds(text)) && sameBytes(parseSignature(text).key.blob, original) && parseSignature(text).namespace === 'rekey-approval',
          `byte ${i}`,
        ).toBe(false);
      }
    }
  });
  it('refuses bytes cut off or added', async () => {
    const blob = bytesOf(signatures.sha512);
    expect(await holds(wrap(Buffer.concat([blob, Buffer.alloc(1)])))).toBe(false);
    for (let cut = 0; cut < blob.length; cut++) expect(await holds(wrap(blob.subarray(0, cut)))).toBe(false);
  });
  it('signs with the private key ssh-keygen wrote', async () => {
    const key = parsePrivateKey(armored(privateBody), 'id_test');
    expect(fingerprintOf(key.public)).toBe(fingerprint);
    expect(await holds(signSsh(key, 'rekey-approval', message))).toBe(true);
  });
});

it('makes the same ed25519 signature, byte for byte, as ssh-keygen', () => {
  const ed = vectors.keys.find((k) => k.name === 'ed25519')!;
  expect(signSsh(parsePrivateKey(armored(ed.privateBody), 'id_test'), 'rekey-approval', message)).toBe(ed.signatures.sha512);
});

it('refuses every character of the armour changed', async () => {
  const text = vectors.keys[0]!.signatures.sha512.trimEnd();
  for (let i = 0; i < text.length; i++) {
    const changed = text.slice(0, i) + String.fromCharCode(text.charCodeAt(i) ^ 1) + text.slice(i + 1);
    expect(await holds(changed), `character ${i}`).toBe(false);
  }
});

it('tells the ssh-keygen command for an encrypted key and shows nothing of it', () => {
  try {
    parsePrivateKey(armored(vectors.encryptedBody), 'id_locked');
    expect.unreachable();
  } catch (error) {
    const problem = error as Problem; // checked next
    expect(problem).toBeInstanceOf(Problem);
    expect(problem.hint).toContain('ssh-keygen -Y sign -n rekey-approval');
    expect(problem.hint).toContain('--signature');
    expect(JSON.stringify(problem) + problem.message + problem.hint).not.toContain(vectors.encryptedBody.slice(40, 60));
  }
});

it('a damaged private key is a Problem that shows nothing of it', () => {
  const { privateBody } = vectors.keys[1]!;
  const damaged = [privateBody.slice(0, 400), privateBody.replace('A', 'B'), `${privateBody}====`, '', 'x'];
  for (const body of damaged) {
    try {
      parsePrivateKey(armored(body), 'id_test');
    } catch (error) {
      expect(error).toBeInstanceOf(Problem);
      expect(String(error)).not.toContain(privateBody.slice(100, 120));
    }
  }
  expect(() => parsePrivateKey(armored(privateBody.slice(0, 400)), 'id_test')).toThrow(Problem);
});

describe('security keys', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const x = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest();
  const skSignature = (flags: number, application = 'ssh:') => {
    const blob = Buffer.concat([wireString('sk-ssh-ed25519@openssh.com'), wireString(x), wireString(application)]);
    const rest = [wireString('rekey-approval'), wireString(''), wireString('sha512')];
    const data = Buffer.concat([Buffer.from('SSHSIG'), ...rest, wireString(createHash('sha512').update(message).digest())]);
    const tail = Buffer.from([flags, 0, 0, 0, 7]);
    const raw = sign(null, Buffer.concat([sha256('ssh:'), tail, sha256(data)]), privateKey);
    const inner = Buffer.concat([wireString('sk-ssh-ed25519@openssh.com'), wireString(raw), tail]);
    return wrap(Buffer.concat([Buffer.from('SSHSIG'), Buffer.from([0, 0, 0, 1]), wireString(blob), ...rest, wireString(inner)]));
  };
  it('count when somebody touched them', async () => expect(await holds(skSignature(1))).toBe(true));
  it('do not count untouched', async () => expect(await holds(skSignature(0))).toBe(false));
  it('do not count for another application', async () => expect(await holds(skSignature(1, 'ssh:other'))).toBe(false));
});

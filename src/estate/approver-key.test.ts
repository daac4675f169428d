import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyFinding, keyIdentity } from './approver-key.ts';

const field = (bytes: Uint8Array | string) => {
  const body = Buffer.from(bytes);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
};
const line = (type: string, ...fields: (Uint8Array | string)[]) =>
  `${type} ${Buffer.concat([field(type), ...fields.map(field)]).toString('base64')} someone@example.test`;
const fresh = () => generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);

test('well-formed public keys of every signing type pass', () => {
  expect(keyFinding(line('ssh-ed25519', fresh()))).toBeUndefined();
  expect(keyFinding(line('sk-ssh-ed25519@openssh.com', fresh(), 'ssh:'))).toBeUndefined();
  expect(keyFinding(line('ecdsa-sha2-nistp256', 'nistp256', Buffer.alloc(65, 4)))).toBeUndefined();
  expect(keyFinding(line('ssh-rsa', Buffer.from([1, 0, 1]), Buffer.alloc(257, 1)))).toBeUndefined();
});

test('a key cut anywhere is noticed', () => {
  const whole = line('ssh-ed25519', fresh()).split(' ').slice(0, 2).join(' ');
  fc.assert(fc.property(fc.integer({ min: 0, max: whole.length - 2 }), (end) => keyFinding(whole.slice(0, end)) !== undefined));
});

test('a short RSA key, a wrong type name and a private key are each named', () => {
  expect(keyFinding(line('ssh-rsa', Buffer.from([1, 0, 1]), Buffer.alloc(129, 1)))?.message).toContain('shorter than 2048');
  expect(keyFinding(`ssh-rsa ${line('ssh-ed25519', fresh()).split(' ')[1]}`)?.message).toMatch(/another type|do not add up/);
  expect(keyFinding('-----BEGIN OPENSSH PRIVATE KEY-----')?.message).toContain('private key');
});

test('two lines that differ in the comment are one key', () => {
  const one = line('ssh-ed25519', fresh());
  expect(keyIdentity(one)).toBe(keyIdentity(one.replace('someone', 'other')));
});

test('what ssh-keygen writes passes', ({ skip }) => {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-key-'));
  try {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'id')], { stdio: 'ignore' });
  } catch {
    return skip();
  }
  expect(keyFinding(readFileSync(join(folder, 'id.pub'), 'utf8'))).toBeUndefined();
  expect(keyFinding(readFileSync(join(folder, 'id'), 'utf8'))?.message).toBe('is a private key');
  rmSync(folder, { recursive: true });
});

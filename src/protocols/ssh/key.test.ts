// Key pairs that every OpenSSH reads, pins that mean one key, and lines that are no key.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freshEd25519, parsePrivateKey } from './key.ts';
import { endpointOf, hostKey } from './settings.ts';

test('a fresh key is read by ssh-keygen with the same public half, comment and fingerprint', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'rekey-key-'));
  try {
    for (let n = 0; n < 5; n++) {
      const path = join(dir, `key${n}`);
      const pem = freshEd25519('rekey:lab/alice');
      writeFileSync(path, pem, { mode: 0o600 });
      const parsed = await parsePrivateKey(pem.toString());
      if ('bad' in parsed) throw new Error(parsed.bad);
      expect(execFileSync('ssh-keygen', ['-y', '-f', path], { encoding: 'utf8' }).trim()).toBe(`${parsed.public.line} rekey:lab/alice`);
      expect(execFileSync('ssh-keygen', ['-lf', path], { encoding: 'utf8' })).toContain(parsed.public.fingerprint);
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test('a public half that begins with a zero byte is whole: one in 256 does', async () => {
  for (let n = 0; n < 2_000; n++) {
    const parsed = await parsePrivateKey(freshEd25519('').toString());
    if ('bad' in parsed) throw new Error(parsed.bad);
    expect(parsed.public.blob).toHaveLength(51);
    if (parsed.public.blob[19] === 0) return;
  }
  throw new Error('no such key in 2000');
});

test('what is no private key, or an encrypted one, is told without showing it', async () => {
  const pub = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
  for (const text of ['', 'hunter2', pub, '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n'])
    expect(await parsePrivateKey(text)).toEqual({ bad: 'not an unencrypted private key' });
});

test('a pin is a fingerprint or a whole line; a line and its fingerprint mean the same key', async () => {
  const parsed = await parsePrivateKey(freshEd25519('').toString());
  if ('bad' in parsed) throw new Error(parsed.bad);
  const { line, fingerprint } = parsed.public;
  const pins = (given: unknown) => endpointOf({ host: 'h', port: 22, hostKey: hostKey.parse(given) }).pins;
  expect(pins(fingerprint)).toEqual({ fingerprints: [fingerprint], types: [] });
  expect(pins(`${line} root@h`)).toEqual({ fingerprints: [fingerprint], types: ['ssh-ed25519'] });
  // With a bare fingerprint among them the kind is not known: the host may show any.
  expect(pins([line, fingerprint]).types).toEqual([]);
  for (const bad of [
    '',
    'SHA256:',
    fingerprint.slice(0, -1),
    fingerprint.toLowerCase(),
    'MD5:aa:bb',
    line.replace('ssh-ed25519', 'ssh-rsa'),
    line.slice(0, 20),
    [],
  ])
    expect(hostKey.safeParse(bad).success, String(bad)).toBe(false);
});

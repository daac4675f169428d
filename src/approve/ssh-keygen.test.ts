// Interoperation with the ssh-keygen on this machine, both ways, for every key type. Skipped by name where OpenSSH is not installed.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeCryptography } from '../cryptography/node.ts';
import { fingerprintOf } from './fingerprint.ts';
import { approvalMessage } from './message.ts';
import { signApproval } from './sign.ts';
import { parsePublicKey } from './ssh-public-key.ts';
import { isSigned, parseSignature } from './sshsig.ts';

const installed = spawnSync('ssh-keygen', ['-?'], { timeout: 10_000 }).error === undefined;
const subject = { id: 'P-7K3QX2MA', hash: 'b'.repeat(64), estate: 'acme' };
const message = approvalMessage(subject);
const types = [
  ['ed25519', []],
  ['rsa', ['-b', '2048']],
  ['ecdsa', ['-b', '256']],
  ['ecdsa', ['-b', '384']],
  ['ecdsa', ['-b', '521']],
] as const;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rekey-sshsig-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!installed).each(types)('with ssh-keygen (skipped when OpenSSH is not installed): %s %j', (type, bits) => {
  const run = (args: readonly string[], input = '') =>
    execFileSync('ssh-keygen', args, { input, timeout: 30_000, stdio: ['pipe', 'pipe', 'pipe'] }).toString();
  const file = () => join(folder, `${type}${bits.join('')}`);
  beforeAll(() => {
    run(['-q', '-t', type, ...bits, '-N', '', '-C', 'alice', '-f', file()]);
  });

  it('what ssh-keygen signs verifies here', async () => {
    const signature = parseSignature(run(['-Y', 'sign', '-n', 'rekey-approval', '-f', file()], message));
    expect(fingerprintOf(signature.key)).toBe(fingerprintOf(parsePublicKey(readFileSync(`${file()}.pub`, 'utf8'))));
    expect(await isSigned(signature, Buffer.from(message), nodeCryptography)).toBe(true);
  });

  it('what is signed here verifies with ssh-keygen, and not for another message', () => {
    writeFileSync(`${file()}.sig`, signApproval(subject, readFileSync(file(), 'utf8'), file()));
    writeFileSync(`${file()}.allowed`, `alice ${readFileSync(`${file()}.pub`, 'utf8')}`);
    const verify = ['-Y', 'verify', '-n', 'rekey-approval', '-I', 'alice', '-f', `${file()}.allowed`, '-s', `${file()}.sig`];
    expect(run(verify, message)).toContain('Good "rekey-approval" signature for alice');
    expect(() => run(verify, `${message} `)).toThrow();
  });
});

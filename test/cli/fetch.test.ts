// rekey fetch: what a CI job sees of its own credential, and what it leaves on its disk.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApi } from '../../src/http/api.ts';
import { FakeServices } from './fake-services.ts';
import { FakeHouse, rekey } from './rekey.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-fetch-'));
let api: FastifyInstance;
let env: Record<string, string>;
beforeAll(async () => {
  api = buildApi({ services: new FakeServices(), caller: () => null, version: '0.0.0' });
  await api.listen({ port: 0, host: '127.0.0.1' });
  env = { REKEY_URL: `http://127.0.0.1:${(api.server.address() as AddressInfo).port}` };
  writeFileSync(join(folder, 'good'), 'a-good-token\n');
  writeFileSync(join(folder, 'bad'), 'another\n');
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});
const run = (argv: readonly string[], options: { env?: Record<string, string>; input?: string } = {}) =>
  rekey(new FakeHouse(new FakeServices()), folder, ['fetch', 'orders-db/app', ...argv], { env, ...options });

describe('rekey fetch', () => {
  it('needs no estate folder: the token of a file or of stdin gives the value on stdout, and nothing of it on stderr', async () => {
    for (const ran of [await run(['--token-file', 'good']), await run(['--token-file', '-'], { input: 'a-good-token\n' })]) {
      expect([ran.exit, ran.out]).toEqual([0, 'Correct-Horse-9\n']);
      expect(ran.err).not.toContain('Correct-Horse');
    }
  });
  it('writes a file for its owner only, replaces it whole, and leaves no part of one', async () => {
    writeFileSync(join(folder, 'password'), 'old', { mode: 0o644 });
    const ran = await run(['--token-file', 'good', '-o', 'password']);
    expect([ran.exit, ran.out, readFileSync(join(folder, 'password'), 'utf8')]).toEqual([0, '', 'Correct-Horse-9']);
    expect(statSync(join(folder, 'password')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
  it('a token that proves nothing is 4, and the file stays as it was', async () => {
    writeFileSync(join(folder, 'kept'), 'old');
    const ran = await run(['--token-file', 'bad', '-o', 'kept']);
    expect([ran.exit, readFileSync(join(folder, 'kept'), 'utf8')]).toEqual([4, 'old']);
    expect(ran.err).toContain('not-signed-in');
  });
  it('JSON holds the secret only with --reveal', async () => {
    expect((await run(['--token-file', 'good', '--json'])).exit).toBe(3);
    expect(JSON.parse((await run(['--token-file', 'good', '--json', '--reveal'])).out).data).toEqual({
      version: 2,
      changed: true,
      secret: 'Correct-Horse-9',
    });
    expect((await run(['--token-file', 'good', '--json', '-o', 'f'])).out).not.toContain('Correct-Horse');
  });
  it('without a server, a token or a number of a version it says what is missing', async () => {
    expect((await run(['--token-file', 'good'], { env: {} })).err).toContain('set REKEY_URL');
    expect((await run(['--token-file', 'none'])).err).toContain('none cannot be read');
    expect((await run(['--token-file', 'good', '--known', 'x'])).exit).toBe(2);
  });
});

// A renewed certificate is taken up without losing a connection; one that would not serve changes nothing.
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import Fastify from 'fastify';
import { afterAll, afterEach, expect, it } from 'vitest';
import { selfSigned } from '../../lab/self-signed.ts';
import { closeServers, numbers, served } from '../../test/harness/server.ts';
import { serve } from './serve.ts';
import { readTls } from './tls.ts';

const home = mkdtempSync(join(tmpdir(), 'rekey-tls-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
afterEach(closeServers);

const at = (name: string): string => join(home, name);
const issue = (name: string) => selfSigned({ key: at(`${name}.key`), certificate: at(`${name}.pem`) }, name, 'DNS:localhost');

async function dial(port: number, version?: 'TLSv1.1'): Promise<TLSSocket> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ...(version ? { minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' } : {}),
  });
  await once(socket, 'secureConnect');
  return socket;
}
const name = (socket: TLSSocket): string => String(socket.getPeerCertificate().subject.CN);

it('the next connection gets the new certificate, the open one goes on, and a bad pair is refused', async () => {
  await issue('first');
  await issue('second');
  copyFileSync(at('first.pem'), at('live.pem'));
  copyFileSync(at('first.key'), at('live.key'));
  const server = await served({ tls: { cert: at('live.pem'), key: at('live.key') } });
  expect(server.url).toBe(`https://localhost:${server.port}`);
  const old = await dial(server.port);
  expect(name(old)).toBe('first');

  copyFileSync(at('second.pem'), at('live.pem'));
  expect(() => server.reloadTls()).toThrow('do not serve together');
  const still = await dial(server.port);
  expect(name(still)).toBe('first');

  copyFileSync(at('second.key'), at('live.key'));
  server.reloadTls();
  const fresh = await dial(server.port);
  expect(name(fresh)).toBe('second');
  old.write(`GET /healthz HTTP/1.1\r\nHost: localhost:${server.port}\r\nConnection: close\r\n\r\n`);
  let text = '';
  for await (const chunk of old) text += chunk;
  expect(text).toMatch(/^HTTP\/1\.1 200 /);
  expect(text).toMatch(/strict-transport-security: max-age=\d+/);
  for (const socket of [still, fresh]) socket.destroy();
  await expect(dial(server.port, 'TLSv1.1')).rejects.toThrow();
}, 60_000);

it('a client certificate of a declared authority is known, another or none goes on unknown', async () => {
  await issue('server');
  await issue('authority');
  await issue('stranger');
  const clients = { requestCert: true, rejectUnauthorized: false, ca: [readFileSync(at('authority.pem'), 'utf8')] } as const;
  const server = await serve(
    { listen: { host: '127.0.0.1', port: 0 }, proxies: [], tls: { cert: at('server.pem'), key: at('server.key') } },
    {
      build: (listener, before) => {
        const api = Fastify(listener);
        before(api);
        api.get('/who', async ({ raw }) => ({ known: (raw.socket as TLSSocket).authorized }));
        return api;
      },
      limits: { hit: async () => ({ ok: true, retryAfterMs: 0 }) },
      numbers: async () => numbers,
      log: () => {},
      clients,
    },
  );
  const who = async (own?: string): Promise<string> => {
    const files = own === undefined ? {} : { cert: readFileSync(at(`${own}.pem`)), key: readFileSync(at(`${own}.key`)) };
    const socket = connect({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false, ...files });
    socket.write(`GET /who HTTP/1.1\r\nHost: localhost:${server.port}\r\nConnection: close\r\n\r\n`);
    let text = '';
    for await (const chunk of socket) text += chunk;
    return text.split('\r\n\r\n')[1] ?? '';
  };
  try {
    expect(await who('authority')).toContain('true');
    server.reloadTls();
    expect(await who('authority')).toContain('true');
    expect(await who('stranger')).toContain('false');
    expect(await who()).toContain('false');
  } finally {
    await server.close();
  }
}, 60_000);

it('files that would not serve are told apart, and nothing of a key is in the message', async () => {
  await issue('own');
  writeFileSync(at('none.pem'), 'no certificate');
  expect(() => readTls({ cert: at('gone.pem'), key: at('own.key') })).toThrow('ENOENT');
  expect(() => readTls({ cert: at('none.pem'), key: at('own.key') })).toThrow('do not serve together');
  expect(() => readTls({ cert: at('own.pem'), key: at('own.pem') })).toThrow('do not serve together');
});

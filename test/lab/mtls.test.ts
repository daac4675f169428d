// Client certificates on real servers: what each says of a revoked, an ended, an unknown one, and what nobody can tell.
import { createServer as createTcpServer } from 'node:net';
import { connect, createServer as createTlsServer, type Server } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { config } from '../../src/connectors/mtls/config.ts';
import { mtls } from '../../src/connectors/mtls/mtls.ts';
import type { Io, Probed } from '../../src/kit/kit.ts';
import { identityIn } from '../../src/protocols/tls/pem.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { fileText, type Ground, ground, value } from './x509-ground.ts';

let on: Ground;
beforeAll(async () => {
  on = await ground(['svc-a', 'svc-b', 'svc-c', 'svc-guest']);
}, 60_000);
afterAll(() => on?.stop());

const first = (name: string): string => on.ca.secrets[name] ?? '';
async function say(port: number, text: string, more: object = {}, io: Partial<Io> = {}): Promise<string> {
  const connection = await mtls.open(config.parse({ host: '127.0.0.1', port, ca: './ca/ca.pem', ...more }), { ...on.io, ...io });
  const [where] = await connection.probe.paths();
  if (where === undefined) throw new Error('no path');
  const { verdict, code }: Probed = await connection.probe.attempt(on.ref('svc-a'), secretOf('tried', text), where);
  return `${verdict} ${code}`;
}
async function revoke(name: string): Promise<void> {
  const connection = await on.open();
  for (const { slot } of value(await connection.dualSecret.list(on.ref(name))))
    value(await connection.dualSecret.retire(on.ref(name), slot));
}

test.each([['-tls1_3'], ['-tls1_2']])(
  '%s: revoked, ended and unknown certificates are rejected by the alert that names them',
  async (version) => {
    const ended = await on.ca.issue('svc-ended', { days: -1 });
    const nonsense = Buffer.from(await (await on.open()).secretForm.nonsense()).toString('utf8');
    await revoke('svc-b');
    const server = await on.strict(version);
    try {
      expect(await say(server.port, first('svc-a'))).toBe('accepted open');
      expect(await say(server.port, first('svc-b'))).toBe('rejected alert 44');
      expect(await say(server.port, ended)).toBe('rejected alert 45');
      expect(await say(server.port, nonsense)).toMatch(/^rejected alert (42|46|48|51)$/);
      // A server certificate is not for clients: understood, and not let in.
      expect(await say(server.port, fileText(on.dir, 'server.pem'))).toBe('blocked alert 43');
    } finally {
      await server.stop();
    }
  },
);

test('a good certificate that the page forbids is blocked, not rejected; what two rules claim is neither', async () => {
  expect(await say(on.ports.rule, first('svc-a'), { http: {} })).toBe('accepted 200');
  expect(await say(on.ports.rule, first('svc-guest'), { http: {} })).toBe('blocked 403');
  expect(await say(on.ports.rule, first('svc-guest'), { http: { rejected: [403] } })).toBe('indeterminate 403');
  expect(await say(on.ports.rule, first('svc-guest'), { http: { rejected: [403], blocked: [423] } })).toBe('rejected 403');
});

test('a server that ends the connection without a word has proved nothing', async () => {
  const pem = fileText(on.dir, 'server.pem');
  const server: Server = createTlsServer({
    key: pem,
    cert: pem,
    ca: fileText(on.ca.certificate),
    requestCert: true,
    rejectUnauthorized: true,
  });
  server.on('secureConnection', (socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const nonsense = Buffer.from(await (await on.open()).secretForm.nonsense()).toString('utf8');
  expect(await say(port, first('svc-a'))).toBe('accepted open');
  expect(await say(port, nonsense)).toMatch(/^indeterminate (closed without an alert|ECONNRESET)$/);
  server.close();
});

test('a server nobody can verify, one that never answers, one that is not there: nothing is said about the certificate', async () => {
  expect(await say(on.ports.nginx, first('svc-a'), { ca: './nginx/none.pem' }).catch((error: Error) => error.message)).toContain(
    'none.pem',
  );
  expect(await say(on.ports.nginx, first('svc-a'), { ca: undefined })).toMatch(/^indeterminate (SELF_SIGNED|UNABLE_TO)/);
  expect(await say(on.ports.nginx, first('svc-a'), { servername: 'elsewhere.example' })).toBe('indeterminate ERR_TLS_CERT_ALTNAME_INVALID');
  const silent = createTcpServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { port: number };
  expect(await say(port, first('svc-a'), {}, { timeoutMs: 300 })).toBe('indeterminate ETIMEDOUT');
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 100);
  const began = performance.now();
  expect(await say(port, first('svc-a'), {}, { signal: abort.signal })).toBe('indeterminate ABORTED');
  expect(performance.now() - began).toBeLessThan(1000);
  silent.close();
  expect(await say(on.ports.nginx, 'a password')).toBe('indeterminate no-key-with-certificate');
});

test('a certificate with the key of another one is never shown', async () => {
  const key = /-----BEGIN PRIVATE KEY-----[\s\S]+?-----END PRIVATE KEY-----/.exec(first('svc-a'))?.[0] ?? '';
  const certificate = /-----BEGIN CERTIFICATE-----[\s\S]+/.exec(first('svc-c'))?.[0] ?? '';
  expect(await say(on.ports.nginx, `${key}\n${certificate}`)).toBe('indeterminate no-key-with-certificate');
});

test('a TLS session kept from before the revocation still opens the page: the probe, which keeps none, says rejected, and the residual is declared', async () => {
  const identity = identityIn(first('svc-c'));
  const open = (session?: Buffer): Promise<{ status: string; session: Buffer }> =>
    new Promise((resolve, reject) => {
      const ca = fileText(on.ca.certificate);
      const shown = session === undefined ? { key: identity?.keyText, cert: identity?.chain } : { session };
      // TLS 1.2, where a session is kept whole before the first byte of the page.
      const socket = connect({ host: '127.0.0.1', port: on.ports.tickets, ca, maxVersion: 'TLSv1.2', ...shown });
      let text = '';
      socket.once('secureConnect', () => socket.write('GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'));
      socket.on('data', (chunk: Buffer) => (text += chunk));
      socket.once('end', () => resolve({ status: text.slice(9, 12), session: socket.getSession() ?? Buffer.alloc(0) }));
      socket.once('error', reject);
    });
  const before = await open();
  expect(before.status).toBe('200');
  await revoke('svc-c');
  expect(await say(on.ports.tickets, first('svc-c'), { http: {} })).toBe('rejected 400');
  expect((await open(before.session)).status).toBe('200');
  expect(mtls.derivatives.map(({ what }) => what).join()).toContain('resumption');
});

// HTTPS to a real TLS server: only the CA of the estate file counts, names are checked, and a server that is not verified gets no byte of
// the request.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serversCertificate } from '../../lab/slapd-tls.ts';
import { oidcToken } from '../../src/connectors/oidc-token/oidc-token.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { oidcIo } from './oidc-open.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-lab-http-tls-'));
let server: Server;
let port = 0;
let requests = 0;
beforeAll(async () => {
  const { certificate, key } = serversCertificate(folder);
  serversCertificate(folder, 'other');
  server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, response) => {
    requests++;
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"access_token":"x"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as { port: number }).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function probe(host: string, tls: object): Promise<string> {
  const settings = oidcToken.config.parse({ tokenUrl: `https://${host}:${port}/token`, grant: 'client_credentials', tls });
  const io = { ...oidcIo({}), path: (relative: string) => join(folder, relative) };
  const connection = await oidcToken.open(settings, io);
  const [where] = await connection.probe.paths();
  const { verdict, code } = await connection.probe.attempt({ system: 's', id: 'c', name: 'c' }, secretOf('x', 'secret'), where as never);
  return `${verdict} ${code}`;
}

test('the CA of the estate file is the one that counts', async () => {
  expect(await probe('127.0.0.1', { ca: 'tls-ca.pem' })).toBe('accepted 200');
  const before = requests;
  expect(await probe('127.0.0.1', { ca: 'other-ca.pem' })).toMatch(/^indeterminate .*(SIGNATURE|CERT|SELF_SIGNED)/);
  expect(await probe('127.0.0.1', {})).toMatch(/^indeterminate .*(SIGNATURE|CERT|SELF_SIGNED)/);
  expect(requests).toBe(before);
});

test('a certificate for another name is refused, and the name it must show can be said', async () => {
  const before = requests;
  expect(await probe('127.0.0.1', { ca: 'tls-ca.pem', servername: 'elsewhere.example.test' })).toBe(
    'indeterminate ERR_TLS_CERT_ALTNAME_INVALID',
  );
  expect(requests).toBe(before);
  expect(await probe('127.0.0.1', { ca: 'tls-ca.pem', servername: 'localhost' })).toBe('accepted 200');
});

// What doctor says of IMAP servers that are away, open to everybody, or take no password here.
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { endpointOf } from '../tcp/dial.ts';
import { checkServer } from './check-server.ts';
import type { ImapSettings } from './settings.ts';

let server: Server | undefined;
afterEach(() => {
  server?.close();
});

async function said(greeting: string, capabilities: string, mechanism: ImapSettings['mechanism'] = 'auto', tls = false): Promise<string[]> {
  const listening = createServer((socket) => {
    socket.on('error', () => {});
    socket.write(`${greeting}\r\n`);
    socket.on('data', (chunk: Buffer) => {
      const [tag, verb] = chunk.toString().split(/[ \r]/);
      if (verb === 'CAPABILITY') socket.write(`* CAPABILITY ${capabilities}\r\n${tag} OK done\r\n`);
    });
  });
  server = listening;
  await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done));
  const at = endpointOf({ host: '127.0.0.1', port: (listening.address() as AddressInfo).port }, tls ? {} : undefined);
  const found: string[] = [];
  const limits = { until: performance.now() + 3_000, signal: new AbortController().signal };
  for await (const { id, verdict, next } of checkServer({ at, upgrade: false }, mechanism, limits)) {
    found.push(`${id} ${verdict}`);
    expect(verdict === 'ok' || next !== undefined).toBe(true);
  }
  return found;
}

test('a server that takes passwords is well', async () => {
  expect(await said('* OK hi', 'IMAP4rev1')).toEqual(['reach ok', 'tls ok', 'auth ok']);
  expect(await said('* OK hi', 'IMAP4rev1 LOGINDISABLED AUTH=PLAIN')).toEqual(['reach ok', 'tls ok', 'auth ok']);
});

test('one that takes none on this connection is not', async () => {
  expect(await said('* OK hi', 'IMAP4rev1 LOGINDISABLED')).toEqual(['reach ok', 'tls ok', 'auth fail']);
  expect(await said('* OK hi', 'IMAP4rev1 LOGINDISABLED AUTH=PLAIN', 'login')).toEqual(['reach ok', 'tls ok', 'auth fail']);
  expect(await said('* OK hi', 'IMAP4rev1', 'plain')).toEqual(['reach ok', 'tls ok', 'auth fail']);
});

test('one that lets everybody in, speaks another protocol or no TLS is named', async () => {
  expect(await said('* PREAUTH hi', '')).toEqual(['auth fail']);
  expect(await said('220 mail ESMTP', '')).toEqual(['reach fail']);
  expect(await said('* OK hi', '', 'auto', true)).toEqual(['tls fail']);
});

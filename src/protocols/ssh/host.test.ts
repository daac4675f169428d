// A command goes on after the host ended the connection while nobody looked, and is never started twice.
import type { AddressInfo } from 'node:net';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { secretOf } from '../../seal/secret.ts';
import { Host } from './host.ts';
import { fingerprintOf, freshEd25519, parsePrivateKey } from './key.ts';

let server: ssh2.Server;
let fingerprint: string;
const started: string[] = [];

beforeAll(async () => {
  const pem = freshEd25519('host').toString();
  const parsed = await parsePrivateKey(pem);
  if ('bad' in parsed) throw new Error(parsed.bad);
  fingerprint = fingerprintOf(parsed.public.blob);
  // Answers one command, then ends the connection.
  server = new ssh2.Server({ hostKeys: [pem] }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (asked) => (asked.method === 'password' ? asked.accept() : asked.reject(['password'])));
    client.on('session', (accept) => {
      accept().on('exec', (accepted, _refused, { command }) => {
        started.push(command);
        const stream = accepted();
        stream.exit(0);
        stream.end();
        setImmediate(() => client.end());
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

test('a command after the host ended the connection runs on a new one, at whatever moment of the ending it comes', async () => {
  const io = { timeoutMs: 5_000, signal: new AbortController().signal } as never;
  const endpoint = {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    replica: 'host',
    pins: { fingerprints: [fingerprint], types: [] },
  };
  const host = new Host(endpoint, 'rekey', async () => ({ user: 'rekey', kind: 'password', secret: secretOf('v1', 'right') }), io);
  for (let n = 0; n < 24; n++) {
    const answer = await host.once({ argv: ['true', String(n)] });
    // Lost is honest where the host took the command and hung up; what was never sent is sent again.
    expect(['exited', 'lost'], JSON.stringify(answer)).toContain(answer.kind);
    for (let turns = 0; turns < n % 12; turns++) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(new Set(started).size).toBe(started.length);
  await host.end();
});

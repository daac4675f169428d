// Whoever sends much, slowly or never keeps nobody else from being served, and costs a bounded amount.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, it } from 'vitest';
import { ask, closeServers, served } from '../../test/harness/server.ts';

const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await closeServers();
});

function dial(port: number, from = '127.0.0.1'): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  socket.on('error', () => {});
  sockets.push(socket);
  return socket;
}
const closed = async (socket: Socket): Promise<void> => {
  socket.resume();
  if (!socket.closed) await once(socket, 'close');
};

it('500 connections from one place are held to its share, and another place is served meanwhile', async () => {
  const { port } = await served();
  const flood = Array.from({ length: 500 }, () => dial(port, '127.0.0.2'));
  await Promise.all(flood.map((socket) => (socket.connecting ? once(socket, 'connect') : undefined)));
  const refused = flood.slice(256).map(closed);
  await Promise.race([Promise.all(refused), delay(10_000).then(() => Promise.reject(new Error('the surplus was not closed')))]);
  expect((await ask(port, { path: '/healthz' })).status).toBe(200);
  expect(flood.filter((socket) => !socket.closed).length).toBeLessThanOrEqual(256);
});

it('a connection that never finishes its headers is cut off', async () => {
  const { port } = await served();
  const [silent, slow] = [dial(port), dial(port)];
  slow.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n');
  const drip = setInterval(() => slow.write('x-a: b\r\n'), 500);
  const started = performance.now();
  await Promise.all([closed(silent), closed(slow)]);
  clearInterval(drip);
  expect(performance.now() - started).toBeLessThan(20_000);
  expect((await ask(port, { path: '/healthz' })).status).toBe(200);
}, 40_000);

it('a body that does not come is cut off; an upload that goes on arriving is not', async () => {
  const { port } = await served({ bodyTimes: { wholeMs: 400, standstillMs: 400 } });
  const head = (path: string, type: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: ${type}\r\nContent-Length: 1000\r\n\r\n`;
  const plan = dial(port);
  plan.write(`${head('/v1/plans', 'application/json')}{"where":`);
  const stalled = dial(port);
  stalled.write(`${head('/v1/imports/owners', 'text/csv')}system,account\n`);
  await Promise.all([closed(plan), closed(stalled)]);
  const upload = dial(port);
  upload.write(head('/v1/imports/owners', 'text/csv'));
  let answer = '';
  upload.on('data', (chunk) => {
    answer += chunk;
  });
  for (let sent = 0; sent < 10; sent++) {
    upload.write('x'.repeat(100));
    await delay(150);
  }
  while (!answer.includes('HTTP/1.1')) await once(upload, 'data');
  expect(answer).toMatch(/^HTTP\/1\.1 (200|4\d\d) /);
}, 30_000);

it('20,000 requests leave the memory as it was', async () => {
  const { port } = await served({ clientLimit: { limit: 1e9, windowMs: 60_000 } });
  const paths = ['/v1/about', '/healthz', '/v1/nothing', '/v1/runs?limit=many', '/', '/assets/main-AbCd1234.js'];
  const round = async (n: number): Promise<void> => {
    for (let done = 0; done < n; done += 50)
      await Promise.all(
        Array.from({ length: 50 }, (_, i) => fetch(`http://127.0.0.1:${port}${paths[i % paths.length]}`).then((r) => r.text())),
      );
  };
  // The first requests fill caches and compile; what comes after them may not add up.
  await round(4000);
  const before = held();
  await round(20_000);
  expect(held() - before).toBeLessThan(8);
}, 180_000);

/** MiB that are still reachable. Not the resident size: that is what the collector has not yet given back, and varies by tens of MiB. */
function held(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void; // what the flag puts there
  collect();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return (heapUsed + external + arrayBuffers) / 1024 / 1024;
}

// The fault proxy loses what it was told to lose, once, and nothing else: the crash bench stands on it.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { sleep } from '../../lab/process.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';

const stops: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** Answers every line with "ok <line>", after noting it as processed. */
async function target(answerAfterMs = 0): Promise<{ port: number; processed: string[]; sockets: Set<Socket> }> {
  const processed: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    let rest = '';
    socket.on('data', async (chunk) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (answerAfterMs > 0) await sleep(answerAfterMs);
        processed.push(line);
        if (!socket.destroyed) socket.write(`ok ${line}\n`);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as { port: number }).port, processed, sockets };
}

async function proxied(answerAfterMs = 0): Promise<{ swallow: Swallow; processed: string[]; sockets: Set<Socket> }> {
  const { port, processed, sockets } = await target(answerAfterMs);
  const swallow = await startSwallow({ target: { host: '127.0.0.1', port } });
  stops.push(() => swallow.stop());
  return { swallow, processed, sockets };
}

type Seen = { text: string; ended: Promise<string> };
async function client(port: number): Promise<{ socket: Socket; seen: Seen; ask: (line: string) => Promise<string> }> {
  const socket = connect({ port, host: '127.0.0.1' });
  const seen = { text: '', ended: new Promise<string>(() => {}) };
  socket.on('data', (chunk) => {
    seen.text += chunk.toString();
  });
  let failed = 'FIN';
  socket.on('error', (error: NodeJS.ErrnoException) => {
    failed = error.code ?? 'error';
  });
  seen.ended = new Promise((resolve) => socket.once('close', () => resolve(failed)));
  await once(socket, 'connect');
  stops.push(() => socket.destroy());
  const ask = async (line: string): Promise<string> => {
    const from = seen.text.length;
    socket.write(`${line}\n`);
    for (let waited = 0; waited < 3_000; waited += 5) {
      if (seen.text.indexOf('\n', from) >= 0) return seen.text.slice(from).trimEnd();
      if (socket.destroyed) return seen.ended;
      await sleep(5);
    }
    return 'silence';
  };
  return { socket, seen, ask };
}

test('without a fault every byte passes both ways', async () => {
  const { swallow, processed } = await proxied();
  const { ask } = await client(swallow.port);
  expect([await ask('a'), await ask('b')]).toEqual(['ok a', 'ok b']);
  const long = 'x'.repeat(3_000_000);
  expect((await ask(long)).length).toBe(long.length + 3);
  expect(processed).toHaveLength(3);
});

test('a swallowed reply: the target has processed the request, the client sees its connection end, the next connection works', async () => {
  const { swallow, processed } = await proxied();
  const { ask, seen } = await client(swallow.port);
  await ask('before');
  const armed = swallow.swallowReplies(1);
  expect(await ask('change')).toBe('FIN');
  await armed.answered;
  expect(processed).toEqual(['before', 'change']);
  expect(seen.text).toBe('ok before\n');
  expect(armed.hits).toBe(1);
  expect(await (await client(swallow.port)).ask('after')).toBe('ok after');
});

test('a slow target still processes a request whose client has gone', async () => {
  const { swallow, processed } = await proxied(150);
  const { socket } = await client(swallow.port);
  const armed = swallow.swallowReplies(Buffer.from('change'));
  socket.write('change\n');
  await armed.hit;
  socket.destroy();
  await armed.answered;
  expect(processed).toEqual(['change']);
});

test('a lost request never reaches the target', async () => {
  const { swallow, processed } = await proxied();
  const { ask } = await client(swallow.port);
  await ask('before');
  swallow.loseRequests(Buffer.from('change'));
  expect(await ask('change')).toBe('FIN');
  await sleep(50);
  expect(processed).toEqual(['before']);
});

test('a pattern is found across two writes, and hits the asked number of times only', async () => {
  const { swallow, processed } = await proxied();
  const armed = swallow.swallowReplies(Buffer.from('ALTER ROLE'), { times: 2 });
  for (const wanted of ['FIN', 'FIN', 'ok ALTER ROLE']) {
    const { ask, socket } = await client(swallow.port);
    expect(await ask('SELECT 1')).toBe('ok SELECT 1');
    socket.write('ALTER');
    await sleep(20);
    expect(await ask(' ROLE')).toBe(wanted);
  }
  expect(armed.hits).toBe(2);
  expect(processed.filter((line) => line === 'ALTER ROLE')).toHaveLength(3);
});

test('the fault can wait for a number of bytes or for a test of its own', async () => {
  const { swallow } = await proxied();
  const bytes = swallow.swallowReplies({ afterBytes: 10 });
  const first = await client(swallow.port);
  expect(await first.ask('1234')).toBe('ok 1234');
  expect(await first.ask('5678')).toBe('FIN');
  expect(bytes.hits).toBe(1);
  swallow.swallowReplies((write) => write[0] === 0x62);
  const second = await client(swallow.port);
  expect(await second.ask('a')).toBe('ok a');
  expect(await second.ask('b')).toBe('FIN');
});

test('the client can be shown a reset, or silence', async () => {
  const { swallow, processed } = await proxied();
  swallow.swallowReplies(1, { sees: 'reset' });
  expect(await (await client(swallow.port)).ask('a')).toBe('ECONNRESET');
  swallow.swallowReplies(1, { sees: 'hang' });
  const { socket, seen } = await client(swallow.port);
  socket.write('b\n');
  await sleep(400);
  expect(seen.text).toBe('');
  expect(socket.destroyed).toBe(false);
  expect(processed).toEqual(['a', 'b']);
});

test('a disarmed fault does not strike', async () => {
  const { swallow } = await proxied();
  swallow.swallowReplies(Buffer.from('a'), { times: 9 }).disarm();
  expect(await (await client(swallow.port)).ask('a')).toBe('ok a');
});

test('refuse refuses new connections only, accept takes them again on the same port', async () => {
  const { swallow } = await proxied();
  const held = await client(swallow.port);
  await swallow.refuse();
  const error = await once(connect({ port: swallow.port, host: '127.0.0.1' }), 'error').catch((e: NodeJS.ErrnoException) => [e]);
  expect(error[0].code).toBe('ECONNREFUSED');
  expect(await held.ask('still here')).toBe('ok still here');
  await swallow.accept();
  expect(await (await client(swallow.port)).ask('back')).toBe('ok back');
});

test('delay holds answers back and keeps their order', async () => {
  const { swallow } = await proxied();
  const { ask, socket, seen } = await client(swallow.port);
  swallow.delay(200);
  const start = Date.now();
  expect(await ask('a')).toBe('ok a');
  expect(Date.now() - start).toBeGreaterThanOrEqual(190);
  socket.write('b\n');
  await sleep(30);
  swallow.delay(0);
  socket.write('c\n');
  await sleep(400);
  expect(seen.text).toBe('ok a\nok b\nok c\n');
});

test('cut resets every connection, and a dead target is shown as a reset', async () => {
  const { swallow, sockets } = await proxied();
  const one = await client(swallow.port);
  const two = await client(swallow.port);
  await Promise.all([one.ask('a'), two.ask('b')]);
  expect(swallow.cut()).toBe(2);
  expect([await one.seen.ended, await two.seen.ended]).toEqual(['ECONNRESET', 'ECONNRESET']);
  const three = await client(swallow.port);
  await three.ask('c');
  for (const socket of sockets) socket.resetAndDestroy();
  expect(await three.seen.ended).toBe('ECONNRESET');
  for (let waited = 0; waited < 1_000 && swallow.connections > 0; waited += 10) await sleep(10);
  expect(swallow.connections).toBe(0);
});

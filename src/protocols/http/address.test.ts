// The guard against calls into places nobody meant: by range, by every spelling, by name, and by a name that changes its mind.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { addressClass, forbiddenCode, hostIsForbidden, pinnedLookup } from './address.ts';
import { challenges, exchange, retryAfterMs } from './exchange.ts';

const limits = { timeoutMs: 2000, signal: new AbortController().signal };

test.each([
  ['127.0.0.1', 'private'],
  ['10.1.2.3', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.1', 'public'],
  ['192.168.1.1', 'private'],
  ['100.64.0.1', 'private'],
  ['0.0.0.0', 'private'],
  ['224.0.0.1', 'private'],
  ['255.255.255.255', 'private'],
  ['169.254.169.254', 'metadata'],
  ['100.100.100.200', 'metadata'],
  ['::1', 'private'],
  ['::', 'private'],
  ['::7f00:1', 'private'],
  ['fc00::1', 'private'],
  ['fe80::1', 'metadata'],
  ['fd00:ec2::254', 'metadata'],
  ['::ffff:127.0.0.1', 'private'],
  ['::ffff:7f00:1', 'private'],
  ['::ffff:a9fe:a9fe', 'metadata'],
  ['64:ff9b::7f00:1', 'private'],
  ['2002:7f00:1::', 'private'],
  ['93.184.216.34', 'public'],
  ['2606:2800:220:1:248:1893:25c8:1946', 'public'],
])('%s is %s', (address, expected) => expect(addressClass(address)).toBe(expected));

test('every spelling of an address is the address', () => {
  for (const url of [
    'http://2130706433/',
    'http://0x7f.1/',
    'http://017700000001/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://127.1/',
  ])
    expect([url, hostIsForbidden(new URL(url).hostname, 'public')]).toEqual([url, true]);
  expect(hostIsForbidden('169.254.169.254', 'private')).toBe(true);
  expect(hostIsForbidden('127.0.0.1', 'private')).toBe(false);
});

describe('a name', () => {
  const ask = (addresses: string[], reach: 'public' | 'private' = 'public') =>
    new Promise<string>((resolve) => {
      const answers = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      pinnedLookup(reach, (_name, done) => done(null, answers))('api.example.test', {}, (error, address) =>
        resolve(error?.code ?? String(address)),
      );
    });
  test('that also answers with an inner address is not called at all', async () => {
    expect(await ask(['93.184.216.34'])).toBe('93.184.216.34');
    expect(await ask(['93.184.216.34', '10.0.0.1'])).toBe(forbiddenCode);
    expect(await ask(['10.0.0.1'], 'private')).toBe('10.0.0.1');
    expect(await ask(['10.0.0.1', '169.254.169.254'], 'private')).toBe(forbiddenCode);
    expect(await ask([])).toBe('ENOTFOUND');
  });
  test('is resolved once: what was checked is what is connected to', async () => {
    let asked = 0;
    const lookup = pinnedLookup('public', (_name, done) =>
      done(null, [{ address: asked++ === 0 ? '93.184.216.34' : '127.0.0.1', family: 4 }]),
    );
    await new Promise<void>((resolve) => lookup('rebinding.example.test', {}, () => resolve()));
    expect(asked).toBe(1);
  });
});

test('loopback is refused before a byte is sent unless private addresses are allowed; a redirect is an answer, not a way', async () => {
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    if (request.url === '/away') response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end();
    else response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  for (const host of ['127.0.0.1', 'localhost'])
    expect(await exchange({ method: 'GET', url: new URL(`http://${host}:${port}/`) }, { reach: 'public' }, limits)).toEqual({
      kind: 'not-sent',
      code: forbiddenCode,
    });
  expect(calls).toBe(0);
  const away = await exchange({ method: 'GET', url: new URL(`http://127.0.0.1:${port}/away`) }, { reach: 'private' }, limits);
  expect(away).toMatchObject({ kind: 'answered', status: 302 });
  expect(calls).toBe(1);
  server.close();
});

test('what was not sent is told from what may have arrived', async () => {
  const server = createServer((request) => {
    if (request.url === '/half') request.socket.end('HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{"half":');
    else if (request.url === '/gone') request.socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const call = (path: string, more: object = {}) =>
    exchange({ method: 'GET', url: new URL(`http://127.0.0.1:${port}${path}`) }, { reach: 'private' }, { ...limits, ...more });
  expect(await call('/half')).toEqual({ kind: 'no-answer', code: 'ECONNRESET' });
  expect(await call('/gone')).toEqual({ kind: 'no-answer', code: 'ECONNRESET' });
  expect(await call('/never', { timeoutMs: 200 })).toEqual({ kind: 'no-answer', code: 'ETIMEDOUT' });
  expect(await call('/never', { signal: AbortSignal.abort() })).toEqual({ kind: 'not-sent', code: 'ABORTED' });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await call('/')).toEqual({ kind: 'not-sent', code: 'ECONNREFUSED' });
});

test('Retry-After is read as seconds and as a date, within reason', () => {
  const now = new Date('2026-01-01T00:00:00Z');
  expect(retryAfterMs({ 'retry-after': '7' }, now)).toBe(7000);
  expect(retryAfterMs({ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, now)).toBe(30_000);
  expect(retryAfterMs({ 'retry-after': '999999' }, now)).toBe(3_600_000);
  expect(retryAfterMs({ 'retry-after': 'soon' }, now)).toBeUndefined();
  expect(retryAfterMs({}, now)).toBeUndefined();
});

test('the schemes of a 401 are read, also several in one line', () => {
  expect(challenges({ 'www-authenticate': 'Basic realm="a, b", charset="UTF-8"' })).toContain('basic');
  expect(challenges({ 'www-authenticate': 'Negotiate, Basic realm="x"' })).toEqual(['negotiate', 'basic']);
  expect(challenges({ 'www-authenticate': 'Digest realm="x", nonce="y", qop="auth"' })).toEqual(['digest']);
  expect(challenges({})).toEqual([]);
});

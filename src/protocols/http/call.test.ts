// The caller against servers of this process: what was sent is told from what was not, nothing is followed, addresses keep ids as ids, messages repeat nothing.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { secretOf } from '../../seal/secret.ts';
import { call, outcomeOf, quoted, type Reply, statusMeanings, type Target } from './call.ts';

const open: { close(): void; closeAllConnections(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
async function serving(handle: (request: IncomingMessage, response: ServerResponse) => void, path = ''): Promise<Target> {
  const server = createServer(handle);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { base: new URL(`http://127.0.0.1:${(server.address() as { port: number }).port}${path}`), route: { reach: 'private' } };
}
const io = (timeoutMs = 2000, signal = new AbortController().signal) => ({ timeoutMs, signal, now: () => new Date() });

test('an id of any form stays one segment of the address, below the path of the base', async () => {
  let seen = '';
  const target = await serving((request, response) => {
    seen = request.url ?? '';
    response.end('{}');
  }, '/identity/');
  await call(target, { method: 'GET', path: ['v3', 'users', 'a/../b?c#d %2e'], query: { limit: 3, marker: undefined } }, io());
  expect(seen).toBe('/identity/v3/users/a%2F..%2Fb%3Fc%23d%20%252e?limit=3');
});

test.each(['', '.', '..'])('a segment that is a step (%j) is never sent', async (segment) => {
  let asked = 0;
  const target = await serving((_, response) => {
    asked++;
    response.end();
  });
  expect(await call(target, { method: 'DELETE', path: ['users', segment] }, io())).toEqual({ kind: 'not-sent', code: 'EPATH' });
  expect(asked).toBe(0);
});

test('a redirect is not followed: the credential stays with the server it was for', async () => {
  let elsewhere = 0;
  const other = await serving((_, response) => {
    elsewhere++;
    response.end('{}');
  });
  for (const status of [301, 302, 303, 307, 308]) {
    const target = await serving((_, response) => response.writeHead(status, { location: other.base.href }).end());
    const reply = await call(target, { method: 'POST', path: ['x'], headers: { authorization: 'Bearer t' }, json: {} }, io());
    expect(outcomeOf(reply).kind).toBe(status >= 307 ? 'refused' : 'indeterminate');
  }
  expect(elsewhere).toBe(0);
});

test('a server that is down got nothing; one that is silent, cuts the answer or resets may have acted', async () => {
  const down = await serving(() => {});
  for (const server of open.splice(0)) server.close();
  expect(await call(down, { method: 'POST', path: ['x'], json: {} }, io())).toMatchObject({ kind: 'not-sent' });
  const silent = await serving(() => {});
  expect(await call(silent, { method: 'POST', path: ['x'], json: {} }, io(150))).toEqual({ kind: 'no-answer', code: 'ETIMEDOUT' });
  const cut = await serving((_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{"a":');
    setTimeout(() => response.destroy(), 20);
  });
  expect((await call(cut, { method: 'POST', path: ['x'], json: {} }, io())).kind).toBe('no-answer');
  const resets = await serving((request) => request.socket.resetAndDestroy());
  expect(await call(resets, { method: 'POST', path: ['x'], json: {} }, io())).toEqual({ kind: 'no-answer', code: 'ECONNRESET' });
});

test('an abort ends a call at once, and before it nothing is sent', async () => {
  const silent = await serving(() => {});
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 30);
  expect(await call(silent, { method: 'GET', path: ['x'] }, io(5000, controller.signal))).toEqual({ kind: 'no-answer', code: 'ABORTED' });
  expect(await call(silent, { method: 'GET', path: ['x'] }, io(5000, controller.signal))).toEqual({ kind: 'not-sent', code: 'ABORTED' });
});

test('Retry-After in seconds or as a date is what the engine waits; without it a throttled call waits a second', async () => {
  const after = async (value: string | undefined): Promise<number | undefined> => {
    const target = await serving((_, response) => {
      response.writeHead(429, value === undefined ? {} : { 'retry-after': value, date: 'Wed, 01 Jan 2025 00:00:00 GMT' }).end();
    });
    const outcome = outcomeOf(await call(target, { method: 'POST', path: ['x'], json: {} }, io()));
    if (outcome.kind !== 'refused') throw new Error(outcome.kind);
    expect(outcome.fault.code).toBe('throttled');
    return outcome.fault.retryAfterMs;
  };
  expect(await after('7')).toBe(7000);
  // A date is of the server's clock: it is compared with the server's Date and not with ours.
  expect(await after('Wed, 01 Jan 2025 00:00:09 GMT')).toBe(9000);
  expect(await after(undefined)).toBe(1000);
});

const answered = (status: number): Reply => ({
  kind: 'answered',
  status,
  header: () => undefined,
  body: undefined,
  date: undefined,
  retryAfterMs: undefined,
});

test('only statuses of the table are certain; every other one leaves it open whether something was done', () => {
  for (let status = 200; status < 600; status++) {
    const known = statusMeanings[status];
    const outcome = outcomeOf(answered(status));
    expect(outcome.kind, String(status)).toBe(known?.certain === true ? 'refused' : 'indeterminate');
  }
  for (const status of [408, 500, 502, 503, 504]) expect(outcomeOf(answered(status)).kind).toBe('indeterminate');
});

test('what a server writes is quoted in one short line, and not at all when it repeats a secret in any usual form', () => {
  const secret = secretOf('v1', 'p"ss w/rd+1');
  expect(quoted('too\n  short\u0007\u202e', [secret])).toBe('too short');
  expect(quoted('x'.repeat(900)).length).toBe(200);
  for (const form of ['p"ss w/rd+1', encodeURIComponent('p"ss w/rd+1'), Buffer.from('p"ss w/rd+1').toString('base64'), 'p\\"ss w/rd+1'])
    expect(quoted(`value ${form} is bad`, [secret])).toBe('');
  expect(quoted({ not: 'text' })).toBe('');
});

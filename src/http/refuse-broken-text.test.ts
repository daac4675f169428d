// What no route can take is refused in one form, wherever in the request it stands.
import { afterAll, expect, it } from 'vitest';
import { FakeServices } from '../../test/cli/fake-services.ts';
import { houseCaller } from '../access/caller.ts';
import { buildApi } from './api.ts';

const api = buildApi({ services: new FakeServices(), caller: () => houseCaller('alice'), version: '0.0.0' });
afterAll(() => api.close());

it.each([
  ['in an id', 'params', { url: '/v1/plans/P-%00' }],
  ['in a selector', 'querystring', { url: '/v1/accounts?where=name%20%3D%20%22%00%22' }],
  ['in a reason', 'body', { url: '/v1/plans', payload: { where: 'all', reason: 'a\u0000b' } }],
  ['that is half a character, in a reason', 'body', { url: '/v1/plans', payload: { where: 'all', reason: 'a\ud83d' } }],
  ['in the name of a field, deep inside', 'body', { url: '/v1/plans', payload: { where: 'all', reason: 'r', name: [{ 'a\u0000': 1 }] } }],
])('a character %s that no store keeps is refused with its place', async (_, place, asked) => {
  const reply = await api.inject({ method: 'payload' in asked ? 'POST' : 'GET', ...asked });
  expect(reply.json()).toMatchObject({ status: 400, code: 'usage', place, detail: 'a text holds a NUL character or half a character' });
});

it('a body nested a hundred thousand deep is answered', async () => {
  const payload = `{"where":"all","reason":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const reply = await api.inject({ method: 'POST', url: '/v1/plans', headers: { 'content-type': 'application/json' }, payload });
  expect(reply.json()).toMatchObject({ status: 400, code: 'usage' });
});

it('an address longer than any, and one that is no address, are problems with a request id like every other', async () => {
  for (const [url, status] of [
    [`/v1/plans/${'x'.repeat(3000)}`, 414],
    ['/v1/plans/%zz', 400],
  ] as const) {
    const reply = await api.inject({ url });
    expect(reply.headers['content-type']).toContain('application/problem+json');
    expect(reply.json()).toMatchObject({ status, code: 'usage', requestId: reply.headers['x-request-id'] });
  }
});

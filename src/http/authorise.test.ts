// The guard: what a route declares is what it takes, and nothing can be added that declares nothing.
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { type Caller, houseCaller } from '../access/caller.ts';
import { type Authenticate, guard } from './authorise.ts';
import type { Needs } from './needs.ts';
import { errorReply } from './problem-reply.ts';

const open: FastifyInstance[] = [];
afterEach(async () => {
  for (const api of open.splice(0)) await api.close();
});

const viewer: Caller = { name: 'vera', custodian: false, identity: null, roles: ['viewer'], via: 'session' };

function door(who: Authenticate, needs?: Needs) {
  const api = Fastify();
  open.push(api);
  api.setErrorHandler(errorReply(() => {}));
  const { caller } = guard(api, who);
  api.post('/x', { ...(needs === undefined ? {} : { config: { needs } }) }, async (request) => ({ name: caller(request).name }));
  return (payload: object = {}) => api.inject({ method: 'POST', url: '/x', payload });
}

describe('a route', () => {
  it('that does not say what it needs cannot be added', () => {
    expect(() => door(() => viewer)).toThrow('does not say what it needs');
  });
  it('is reached with its permission, and refused without', async () => {
    expect((await door(() => viewer, 'run.read')()).json()).toEqual({ name: 'vera' });
    const refused = await door(() => viewer, 'run.start')();
    expect(refused.json()).toMatchObject({ status: 403, code: 'not-permitted' });
    expect((await door(() => houseCaller('root'), 'keyring.change')()).statusCode).toBe(200);
  });
  it('refuses a token whose scope leaves the permission out, whatever its member may', async () => {
    const token: Caller = { ...viewer, via: 'token', scope: ['plan.read'] };
    expect((await door(() => token, 'run.read')()).json()).toMatchObject({
      code: 'not-permitted',
      detail: expect.stringContaining('token'),
    });
    expect((await door(() => token, 'plan.read')()).statusCode).toBe(200);
  });
  it('refuses nobody with 401 unless it is public, and a public one tells its handler that nobody asks', async () => {
    for (const needs of ['signed-in', 'run.read'] as const)
      expect((await door(() => null, needs)()).json()).toMatchObject({ status: 401, code: 'not-signed-in' });
    expect((await door(() => null, 'public')()).json()).toMatchObject({ code: 'not-signed-in' });
  });
  it('is refused before its body is read', async () => {
    const api = Fastify({ bodyLimit: 10 });
    open.push(api);
    api.setErrorHandler(errorReply(() => {}));
    guard(api, () => null);
    api.post('/x', { config: { needs: 'run.start' } }, async () => ({}));
    expect((await api.inject({ method: 'POST', url: '/x', payload: { long: 'x'.repeat(100) } })).statusCode).toBe(401);
  });
});

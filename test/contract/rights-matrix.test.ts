// Every route × every role, from what the routes themselves declare: who lacks the permission is refused before anything is read, who has it gets in.
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Caller, permissionsOf, reachFor } from '../../src/access/caller.ts';
import { type Permission, permissions, type Role, reachOf, rights, roles } from '../../src/access/rights.ts';
import { Problem } from '../../src/domain/problem.ts';
import { filled, hollowApi, type Route } from '../harness/routes.ts';

const routes: Route[] = [];
let api: FastifyInstance;
let asking: Caller | null = null;
beforeAll(async () => {
  api = hollowApi(
    () => asking,
    () => {
      throw new Problem('conflict', { message: 'reached' });
    },
    routes,
  );
  await api.ready();
});
afterAll(() => api.close());

const somebody = (held: readonly Role[], more: Partial<Caller> = {}): Caller => ({
  name: 'sam',
  custodian: false,
  identity: 'sam@example.test',
  roles: held,
  via: 'session',
  member: 'M-00000001',
  session: { id: 'L-00000001', csrf: 'c', passkeyAt: null },
  ...more,
});
/** Nothing valid is sent: whether a request is let in is settled before it is looked at. The forms of /my ask only then who is there. */
const ask = (route: Route, who: Caller | null) => {
  asking = who;
  const form = route.method === 'POST' && route.url.startsWith('/my');
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return api.inject({ method: route.method, url: filled(route.url), ...(form ? { headers, payload: 'csrf=c&version=1' } : {}) });
};
const refusedFor = (permission: Permission): RegExp =>
  new RegExp(`gives ${permission.replaceAll('.', '\\.')}$|not made for ${permission.replaceAll('.', '\\.')}$`);

describe('every route', () => {
  it('is there: the matrix is not empty and knows each permission that a route can need', () => {
    expect(routes.length).toBeGreaterThan(60);
    expect(new Set(routes.map((r) => `${r.method} ${r.url}`)).size).toBe(routes.length);
    for (const { url, needs } of routes) expect([...permissions, 'signed-in', 'public'], url).toContain(needs);
  });

  it('refuses anonymous calls, but those on this list', async () => {
    const open = [
      'GET /healthz',
      // The pages people fetch their own from: without a session they are the page to sign in, and nothing else.
      'GET /my',
      'GET /my/:system/:account',
      'GET /readyz',
      'GET /v1/session',
      'GET /v1/sign-in/oidc',
      'GET /v1/sign-in/oidc/callback',
      'POST /my/:system/:account/saved',
      'POST /my/:system/:account/show',
      'POST /v1/bootstrap',
      'POST /v1/bootstrap/options',
      'POST /v1/join',
      'POST /v1/join/options',
      'POST /v1/sign-in/passkey',
      'POST /v1/sign-in/passkey/options',
      'POST /v1/workload/credential', // the workload proves itself by its own token or certificate
    ];
    const answered: string[] = [];
    for (const route of routes) {
      const reply = await ask(route, null);
      if (reply.statusCode !== 401) answered.push(`${route.method} ${route.url}`);
      else if (!String(reply.headers['content-type']).includes('html'))
        expect(reply.json(), route.url).toMatchObject({ code: 'not-signed-in' });
    }
    expect(answered.sort()).toEqual(open);
  });

  it.each(roles)('lets %s in where its table says so, and nowhere else', async (role) => {
    for (const route of routes) {
      const reply = await ask(route, somebody([role]));
      const name = `${role} ${route.method} ${route.url} needs ${route.needs}: ${reply.body}`;
      if (route.needs === 'public' || route.needs === 'signed-in') expect([401, 403], name).not.toContain(reply.statusCode);
      else if (reachOf([role], route.needs) === undefined) {
        expect(reply.json(), name).toMatchObject({ status: 403, code: 'not-permitted' });
        expect(reply.json().detail, name).toMatch(refusedFor(route.needs));
      } else expect([401, 403], name).not.toContain(reply.statusCode);
    }
  });

  it('refuses a token made for something else, whatever roles stand behind it', async () => {
    for (const route of routes) {
      if (route.needs === 'public' || route.needs === 'signed-in' || reachOf(roles, route.needs) === undefined) continue;
      const scope = permissions.filter((p) => p !== route.needs);
      const reply = await ask(route, somebody(roles, { via: 'token', scope }));
      expect(reply.json(), route.url).toMatchObject({ status: 403, detail: expect.stringContaining('not made for') });
    }
  });
});

describe('the table of rights', () => {
  const roleSets = fc.uniqueArray(fc.constantFrom(...roles), { maxLength: roles.length });
  const onePermission = fc.constantFrom(...permissions);

  it('no set of roles reaches what none of them gives, nor further than the widest of them', () => {
    fc.assert(
      fc.property(roleSets, onePermission, (held, permission) => {
        const each = held.map((role) => rights[role][permission]);
        const widest = each.includes('all') ? 'all' : each.includes('own') ? 'own' : undefined;
        expect(reachFor(somebody(held), permission)).toBe(widest);
      }),
      { numRuns: 2000 },
    );
  });
  it('one role more never takes a permission away', () => {
    const rank = { all: 2, own: 1, none: 0 };
    fc.assert(
      fc.property(roleSets, fc.constantFrom(...roles), onePermission, (held, role, permission) => {
        const before = rank[reachOf(held, permission) ?? 'none'];
        expect(rank[reachOf([...held, role], permission) ?? 'none']).toBeGreaterThanOrEqual(before);
      }),
    );
  });
  it('a token never reaches beyond its member nor beyond its scope', () => {
    fc.assert(
      fc.property(roleSets, fc.subarray([...permissions]), (held, scope) => {
        const member = permissionsOf(somebody(held));
        for (const [permission, reach] of Object.entries(permissionsOf(somebody(held, { via: 'token', scope })))) {
          expect(scope).toContain(permission);
          expect(member[permission as Permission]).toBe(reach);
        }
      }),
    );
  });
  it('duties are apart: no single role both makes or starts a plan and approves it, gives rights and uses them, or sees a secret and hands out others', () => {
    for (const role of roles) {
      const has = (permission: Permission): boolean => reachOf([role], permission) !== undefined;
      expect(has('plan.approve') && (has('plan.create') || has('run.start')), role).toBe(false);
      expect(has('member.manage') && (has('plan.create') || has('plan.approve') || has('run.start') || has('secret.reveal')), role).toBe(
        false,
      );
      expect(has('secret.reveal') && (has('secret.handover') || has('plan.approve') || has('run.start')), role).toBe(false);
    }
  });
  it('only the house turns the keyring', () => {
    expect(roles.filter((role) => reachOf([role], 'keyring.change') !== undefined)).toEqual([]);
  });
});

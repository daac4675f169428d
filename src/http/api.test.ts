// The API's promises: undeclared fields never leave, errors are problems without a leak, streams stay flat and end with a verdict.
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import type { FakeOptions } from '../../test/cli/fake-services/state.ts';
import { FakeServices } from '../../test/cli/fake-services.ts';
import { houseCaller } from '../access/caller.ts';
import { Problem, type ProblemCode, problems } from '../domain/problem.ts';
import { buildApi } from './api.ts';
import type { Services } from './services.ts';

const open: FastifyInstance[] = [];
afterEach(async () => {
  for (const api of open.splice(0)) await api.close();
});

function door(services: Services, report?: (error: unknown) => void): FastifyInstance {
  const api = buildApi({ services, caller: () => houseCaller('alice'), version: '0.0.0', ...(report ? { report } : {}) });
  open.push(api);
  return api;
}

/** The same house, with one method answering differently. */
function house(change: Partial<Services>, options: FakeOptions = {}): Services {
  const fake = new FakeServices(options);
  return new Proxy(fake as Services, {
    get: (_, key) => {
      if (key in change) return change[key as keyof Services];
      const value = (fake as Services)[key as keyof Services];
      return typeof value === 'function' ? value.bind(fake) : value;
    },
  });
}

async function planned(api: FastifyInstance): Promise<{ plan: string; run: string }> {
  const plan = (await api.inject({ method: 'POST', url: '/v1/plans', payload: { where: 'all', reason: 'leak' } })).json().id as string;
  const run = (await api.inject({ method: 'POST', url: '/v1/runs', payload: { plan } })).json().id as string;
  return { plan, run };
}

describe('stripping', () => {
  it('a field that no schema declares never leaves: not in one account, a page, a stream, an event, a reveal', async () => {
    const plain = new FakeServices();
    const caller = houseCaller('alice');
    const account = (await plain.accounts(caller, { where: 'all', limit: 1 })).items[0]!;
    const leaky = {
      ...account,
      secret: 'hunter2',
      consumers: [{ consumer: 'c', store: 'file', ref: 'r', owner: null, state: 'mapped' as const, secret: 'hunter2' }],
    };
    const services = house({
      account: async () => leaky,
      accounts: async () => ({ items: [leaky], secret: 'hunter2' }),
      items: async () => ({ items: [{ ...(await plainItem(plain)), secret: 'hunter2' }] }),
      reveal: async () => ({ secret: 'the-asked-one', version: 1, until: null, previous: 'hunter2' }),
      run: async () => ({ ...(await finished()), secret: 'hunter2' }),
      async *doctor() {
        yield { system: 's', id: 'i', verdict: 'ok', message: 'm', next: null, secret: 'hunter2' } as never; // an undeclared field is the point
      },
    });
    const api = door(services);
    const bodies = await Promise.all(
      ['/v1/accounts/a/b', '/v1/accounts?where=all', '/v1/doctor', '/v1/runs/R-1', '/v1/runs/R-1/events', '/v1/runs/R-1/items'].map(
        async (url) => {
          const reply = await api.inject({ url });
          expect(reply.statusCode, url).toBe(200);
          return reply.body;
        },
      ),
    );
    bodies.push((await api.inject({ url: '/v1/runs/R-1/items', headers: { accept: 'application/x-ndjson' } })).body);
    bodies.push((await api.inject({ method: 'POST', url: '/v1/accounts/a/b/reveal' })).body);
    for (const body of bodies) {
      expect(body.length).toBeGreaterThan(20);
      expect(body).not.toContain('hunter2');
    }
    expect(bodies.at(-1)).toContain('the-asked-one');
  });
});

async function finished() {
  const plain = new FakeServices({ step: 1000 });
  const caller = houseCaller('alice');
  const plan = await plain.createPlan(caller, { where: 'all', reason: 'r' });
  const run = await plain.startRun(caller, plan.id);
  return plain.run(caller, run.id);
}
async function plainItem(plain: FakeServices) {
  const caller = houseCaller('alice');
  const plan = await plain.createPlan(caller, { where: 'all', reason: 'r' });
  const run = await plain.startRun(caller, plan.id);
  return (await plain.items(caller, run.id, { limit: 1 })).items[0]!;
}

describe('problems', () => {
  it.each(Object.keys(problems) as ProblemCode[])(
    '%s leaves as problem+json with its status, code, place, hint, details and request id',
    async (code) => {
      const api = door(
        house({
          plan: async () => {
            throw new Problem(code, { message: 'what', place: 'rekey.yaml:1:2', hint: 'do this' }, [
              { message: 'one', place: 'a' },
              { message: 'two' },
            ]);
          },
        }),
      );
      const reply = await api.inject({ url: '/v1/plans/P-1' });
      const status = problems[code].status < 400 ? 409 : problems[code].status; // thrown, a success status is a refusal all the same
      expect(reply.statusCode).toBe(status);
      expect(reply.headers['content-type']).toContain('application/problem+json');
      expect(reply.json()).toMatchObject({
        status,
        code,
        detail: 'what',
        place: 'rekey.yaml:1:2',
        hint: 'do this',
        details: [{ message: 'one', place: 'a' }, { message: 'two' }],
      });
      expect(reply.json().requestId).toBe(reply.headers['x-request-id']);
    },
  );

  it('an unknown error says nothing of its cause and is reported with its request id', async () => {
    const seen: unknown[] = [];
    const api = door(
      house({
        plan: async () => {
          throw new Error('password=hunter2 at /srv/app');
        },
      }),
      (error) => seen.push(error),
    );
    const reply = await api.inject({ url: '/v1/plans/P-1' });
    expect(reply.statusCode).toBe(500);
    expect(reply.json().code).toBe('internal');
    expect(reply.body).not.toMatch(/hunter2|srv/);
    expect(seen).toHaveLength(1);
  });

  it('unknown members, unknown query parameters, bad limits and bad JSON are refused with the place', async () => {
    const api = door(new FakeServices());
    const cases = [
      { method: 'POST' as const, url: '/v1/plans', payload: { where: 'all', reason: 'r', force: true }, place: 'body' },
      { method: 'POST' as const, url: '/v1/plans', payload: { where: 'all', reason: '  ' }, place: 'body.reason' },
      { method: 'GET' as const, url: '/v1/runs?limit=many', place: 'querystring.limit' },
      { method: 'GET' as const, url: '/v1/runs?limit=100000', place: 'querystring.limit' },
      { method: 'GET' as const, url: '/v1/accounts?where=all&whree=x', place: 'querystring' },
    ];
    for (const { place, ...request } of cases) {
      const reply = await api.inject(request);
      expect(reply.statusCode, request.url).toBe(400);
      expect(reply.json(), request.url).toMatchObject({ code: 'usage', place });
    }
    const broken = await api.inject({
      method: 'POST',
      url: '/v1/plans',
      headers: { 'content-type': 'application/json' },
      payload: '{"where":',
    });
    expect(broken.json()).toMatchObject({ code: 'usage', status: 400 });
    const large = await api.inject({ method: 'POST', url: '/v1/plans', payload: { where: 'x'.repeat(2 * 1024 * 1024), reason: 'r' } });
    expect(large.json()).toMatchObject({ code: 'usage', status: 413 });
    expect((await api.inject({ url: '/v1/nothing' })).json()).toMatchObject({ code: 'not-found', status: 404 });
  });
});

describe('lists and ids', () => {
  it('pages meet without a gap or a repeat', async () => {
    const api = door(new FakeServices({ accounts: 25 }));
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = (await api.inject({ url: '/v1/accounts', query: { where: 'all', limit: '10', ...(cursor ? { cursor } : {}) } })).json();
      seen.push(...page.items.map((a: { id: string }) => a.id));
      cursor = page.cursor;
      if (cursor === undefined) break;
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => `id-${i}`));
  });

  it('an account whose name holds slashes, spaces and percent signs is found by its encoded path', async () => {
    const name = 'cn=a/b c%2F,ou=x';
    const api = door(new FakeServices({ names: [name] }));
    const reply = await api.inject({ url: `/v1/accounts/corp-ldap/${encodeURIComponent(name)}` });
    expect(reply.json().account).toBe(name);
  });

  it('an id typed with O for 0 and in lower case finds its plan', async () => {
    const api = door(new FakeServices());
    await planned(api);
    expect((await api.inject({ url: '/v1/plans/p-ooooooo1' })).json().id).toBe('P-00000001');
  });
});

describe('confirmation', () => {
  it('what the client confirmed reaches the service as it was given, and nothing is made up for it', async () => {
    const fake = new FakeServices({ tier0: 3 });
    const api = door(fake);
    const plan = (await api.inject({ method: 'POST', url: '/v1/plans', payload: { where: 'all', reason: 'leak' } })).json();
    expect((await api.inject({ method: 'POST', url: '/v1/runs', payload: { plan: plan.id } })).json()).toMatchObject({
      code: 'confirmation-needed',
    });
    expect((await api.inject({ method: 'POST', url: '/v1/runs', payload: { plan: plan.id, confirm: 'acme-1120 29' } })).statusCode).toBe(
      201,
    );
    expect(fake.calls).toEqual([`startRun ${plan.id} confirm=`, `startRun ${plan.id} confirm=acme-1120 29`]);
  });
});

function eventsOf(body: string): { id?: string; event?: string; data?: string }[] {
  return body
    .split('\n\n')
    .filter((text) => text.includes('event: '))
    .map((text) =>
      Object.fromEntries(text.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])),
    );
}

describe('streams', () => {
  it('NDJSON ends in a result line; a refusal before the first row is a plain problem; one in the middle ends the stream as a problem line', async () => {
    const api = door(
      house({
        async *discover(_caller, system) {
          if (system === 'early') throw new Problem('not-found', { message: 'no system early' });
          yield { system: 'a', found: 1, gone: 0, done: false };
          throw new Error('hunter2');
        },
      }),
    );
    const lines = (await api.inject({ url: '/v1/doctor' })).body.trim().split('\n');
    expect(JSON.parse(lines.at(-1)!)).toEqual({ type: 'result', count: 3 });
    expect((await api.inject({ method: 'POST', url: '/v1/discover?system=early' })).json()).toMatchObject({
      code: 'not-found',
      status: 404,
    });
    const broken = (await api.inject({ method: 'POST', url: '/v1/discover' })).body.trim().split('\n');
    expect(JSON.parse(broken.at(-1)!)).toMatchObject({ type: 'problem', problem: { code: 'internal' } });
    expect(broken.join()).not.toContain('hunter2');
  });

  it('all items of a run come as NDJSON across pages', async () => {
    const api = door(new FakeServices({ accounts: 2501 }));
    const plan = (await api.inject({ method: 'POST', url: '/v1/plans', payload: { where: 'all', reason: 'leak' } })).json();
    const run = (await api.inject({ method: 'POST', url: '/v1/runs', payload: { plan: plan.id, confirm: 'acme-1120 2500' } })).json();
    const { body } = await api.inject({ url: `/v1/runs/${run.id}/items`, headers: { accept: 'application/x-ndjson' } });
    expect(body.trim().split('\n')).toHaveLength(2501);
  });

  it('run events name the state they show, repeat none to who saw it, and end with the run', async () => {
    const api = door(new FakeServices({ step: 15 }));
    const { run } = await planned(api);
    const url = `/v1/runs/${run}/events`;
    const watched = async (lastId?: string) => {
      const reply = await api.inject({ url, headers: lastId === undefined ? {} : { 'last-event-id': lastId } });
      return { status: reply.statusCode, type: reply.headers['content-type'], events: eventsOf(reply.body) };
    };
    const first = await watched('seen in another life');
    expect(first.type).toBe('text/event-stream');
    expect(first.events.map((e) => e.event)).toEqual(['progress', 'progress', 'end']);
    expect(new Set(first.events.map((e) => e.id)).size).toBe(3);
    expect(JSON.parse(first.events[1]!.data!).run.state).toBe('complete');
    // The run stands still now: who comes back gets what it has not seen, from whichever server.
    expect((await watched(first.events[0]!.id)).events.map((e) => e.event)).toEqual(['progress', 'end']);
    expect((await watched(first.events[1]!.id)).events.map((e) => e.event)).toEqual(['end']);
    expect(await watched(first.events[2]!.id)).toMatchObject({ status: 204, events: [] });
  });

  it('closing the API ends an open event stream', async () => {
    const api = door(new FakeServices({ step: 0 }));
    const { run } = await planned(api);
    const url = await api.listen({ port: 0, host: '127.0.0.1' });
    const reply = await fetch(`${url}/v1/runs/${run}/events`);
    const reading = reply.text();
    await delay(50);
    const started = Date.now();
    await api.close();
    await reading;
    expect(Date.now() - started).toBeLessThan(3000);
  });
});

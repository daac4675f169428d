// One key, one effect: whatever is repeated, by whom, and whatever becomes of the first.
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeServices } from '../../test/cli/fake-services.ts';
import { houseCaller } from '../access/caller.ts';
import { Problem } from '../domain/problem.ts';
import { buildApi } from './api.ts';
import type { Begun, KeptReplies } from './port.ts';
import type { Services } from './services.ts';

const open: FastifyInstance[] = [];
afterEach(async () => {
  for (const api of open.splice(0)) await api.close();
});

/** The store's promises in memory; `test/store` holds the real one to them. */
class Kept implements KeptReplies {
  readonly rows = new Map<string, Begun>();
  readonly since = { ms: 0 };
  async begin(key: string): Promise<Begun> {
    const row = this.rows.get(key);
    if (row === undefined) this.rows.set(key, { kind: 'running', sinceMs: this.since.ms });
    return row ?? { kind: 'new' };
  }
  async keep(key: string, body: string | null, reply: Parameters<KeptReplies['keep']>[2]): Promise<void> {
    this.rows.set(key, { kind: 'kept', body, reply });
  }
  async done(key: string, body: string | null): Promise<void> {
    this.rows.set(key, { kind: 'done', body });
  }
  async forget(key: string): Promise<void> {
    this.rows.delete(key);
  }
}

function door(change: Partial<Services> = {}, kept = new Kept()) {
  const fake = new FakeServices();
  const services = Object.assign(Object.create(fake) as Services, bound(fake), change);
  const api = buildApi({
    services,
    caller: (request) => houseCaller(String(request.headers['x-who'] ?? 'alice')),
    version: '0.0.0',
    replies: kept,
  });
  open.push(api);
  const plan = (key: string, where = 'all', who = 'alice') =>
    api.inject({ method: 'POST', url: '/v1/plans', headers: { 'idempotency-key': key, 'x-who': who }, payload: { where, reason: 'leak' } });
  return { api, plan, kept };
}

/** Private fields of the fake are reached through itself, not through the object that stands before it. */
function bound(fake: FakeServices): Partial<Services> {
  const names: (keyof Services)[] = [];
  for (let area: object = fake; area !== Object.prototype; area = Object.getPrototypeOf(area))
    names.push(
      ...(Object.getOwnPropertyNames(area).filter((name) => typeof fake[name as keyof Services] === 'function') as (keyof Services)[]),
    );
  return Object.fromEntries(names.map((name) => [name, (fake[name] as (...args: never[]) => unknown).bind(fake)])) as Partial<Services>;
}

describe('a repeated request', () => {
  it('with the same content gets the first answer and does nothing again', async () => {
    let made = 0;
    const fake = new FakeServices();
    const { plan } = door({
      createPlan: async (...args) => {
        made++;
        return fake.createPlan(...args);
      },
    });
    const first = await plan('k-1');
    const second = await plan('k-1');
    expect([first.statusCode, second.statusCode]).toEqual([201, 201]);
    expect(second.body).toBe(first.body);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(second.headers['content-type']).toBe(first.headers['content-type']);
    expect(made).toBe(1);
  });

  it('with other content, or from somebody else, is not taken for it', async () => {
    const { plan } = door();
    const first = await plan('k-1');
    expect((await plan('k-1', 'exposed')).json()).toMatchObject({
      status: 409,
      code: 'conflict',
      detail: expect.stringContaining('other content'),
    });
    expect((await plan('k-1', 'all', 'bob')).json().id).not.toBe(first.json().id);
    expect((await plan('k-2')).json().id).not.toBe(first.json().id);
  });

  it('of many at once one has an effect; the others are told to ask again', async () => {
    let made = 0;
    const fake = new FakeServices();
    const { plan } = door({
      createPlan: async (...args) => {
        made++;
        await delay(50);
        return fake.createPlan(...args);
      },
    });
    const answers = await Promise.all(Array.from({ length: 8 }, () => plan('k-1')));
    expect(made).toBe(1);
    expect(answers.filter((answer) => answer.statusCode === 201)).toHaveLength(1);
    for (const answer of answers.filter((each) => each.statusCode !== 201)) {
      expect(answer.json()).toMatchObject({ status: 409, code: 'conflict' });
      expect(answer.headers['retry-after']).toBe('1');
    }
    expect((await plan('k-1')).statusCode).toBe(201);
  });

  it('after a refusal is tried anew: nothing had been done', async () => {
    let refusals = 1;
    const fake = new FakeServices();
    const { plan } = door({
      createPlan: async (...args) => {
        if (refusals-- > 0) throw new Problem('not-permitted', { message: 'not yet' });
        return fake.createPlan(...args);
      },
    });
    expect((await plan('k-1')).statusCode).toBe(403);
    expect((await plan('k-1')).statusCode).toBe(201);
  });

  it('after a failure of ours is not done again: it may have been done', async () => {
    let tried = 0;
    const { plan } = door({
      createPlan: async () => {
        tried++;
        throw new Error('lost in the middle');
      },
    });
    expect((await plan('k-1')).statusCode).toBe(500);
    expect((await plan('k-1')).statusCode).toBe(500);
    expect(tried).toBe(1);
  });

  it('whose server ended in the middle says that nobody knows, and does nothing', async () => {
    const kept = new Kept();
    kept.since.ms = 60 * 60_000;
    let made = 0;
    const { plan } = door(
      {
        createPlan: async () => {
          made++;
          return new Promise(() => {});
        },
      },
      kept,
    );
    void plan('k-1');
    while (made === 0) await delay(5);
    expect((await plan('k-1')).json()).toMatchObject({ status: 409, detail: expect.stringContaining('not known') });
    expect(made).toBe(1);
  });
});

describe('what is kept', () => {
  it('is never a secret: a repeated reveal is refused, not answered from a copy', async () => {
    const { api, kept } = door({ reveal: async () => ({ secret: 'hunter2', version: 3, until: null }) });
    const reveal = () => api.inject({ method: 'POST', url: '/v1/accounts/corp/alice/reveal', headers: { 'idempotency-key': 'k-1' } });
    expect((await reveal()).json().secret).toBe('hunter2');
    const again = await reveal();
    expect([again.statusCode, again.body.includes('hunter2')]).toEqual([409, false]);
    expect(JSON.stringify([...kept.rows])).not.toContain('hunter2');
  });

  it('an upload is compared by its bytes although it is never held', async () => {
    const { api } = door({
      import: async (_caller, _kind, csv) => {
        let rows = 0;
        for await (const chunk of csv) rows += Buffer.from(chunk).toString().split('\n').length - 2;
        return { rows, imported: rows, problems: [] };
      },
    });
    const send = (payload: string) =>
      api.inject({ method: 'POST', url: '/v1/imports/owners', headers: { 'idempotency-key': 'k-1', 'content-type': 'text/csv' }, payload });
    const first = await send('system,account\na,b\n');
    expect(first.json()).toMatchObject({ rows: 1 });
    expect((await send('system,account\na,b\n')).headers['idempotency-replayed']).toBe('true');
    expect((await send('system,account\na,c\n')).statusCode).toBe(409);
  });

  it('a key that is none is refused before anything is done', async () => {
    const { plan } = door();
    for (const key of ['', 'a b', 'x'.repeat(201), 'ü']) {
      const answer = await plan(key).catch(() => ({ statusCode: 400 })); // Node itself refuses to send some
      expect(answer.statusCode, key).toBe(400);
    }
  });
});

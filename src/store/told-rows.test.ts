// The outbox does not grow for ever, and nothing that is still to be said, or would be said twice, is swept away.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testStore } from '../../test/harness/store.ts';
import type { Store } from './sql.ts';
import { toldRows } from './told-rows.ts';

let store: Store;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ store, close } = await testStore());
});
afterAll(() => close());

type Told = { kind?: string; ask?: boolean; told?: boolean; notice?: string; message?: string; chat?: boolean };

/** An event so many days ago, its notice and its message, under one thread that names them. */
async function put(thread: string, days: number, told: Told = {}): Promise<void> {
  const { kind = 'plan.made', told: toldAt = true, notice = 'bundled', message = 'sent', chat = false, ask = false } = told;
  const at = new Date(Date.now() - days * 86_400_000);
  const [event] = await store.query<{ key: string }>(
    'insert into event (at, kind, plan, told_at) values ($1, $2, $3, $4) returning key::text',
    [at, kind, thread, toldAt ? at : null],
  );
  const [sent] = await store.query<{ key: string }>(
    `insert into message (id, channel, thread, template, body, state, next_at, created_at) values ($1, 'room', $1, 'plan.made', '{}', $2, $3, $3) returning key::text`,
    [thread, message, at],
  );
  await store.query(
    `insert into notice (event, channel, thread, kind, urgent, body, state, due_at, message, created_at, ask) values ($1::int8, 'room', $2, 'progress', false, '{}', $3, $4, $5::int8, $4, $6)`,
    [event!.key, thread, notice, at, notice === 'waiting' ? null : sent!.key, ask],
  );
  if (chat) await store.query(`insert into chat_post (channel, thread, remote) values ('room', $1, 'x')`, [thread]);
}
const left = async (thread: string): Promise<readonly number[]> => {
  const [row] = await store.query<{ counts: number[] }>(
    `select array[(select count(*)::int4 from event where plan = $1), (select count(*)::int4 from notice where thread = $1),
       (select count(*)::int4 from message where thread = $1), (select count(*)::int4 from chat_post where thread = $1)] as counts`,
    [thread],
  );
  return row!.counts;
};

describe('after 90 days', () => {
  it('what was told goes with everything that was made of it; a day before, all of it is there', async () => {
    await put('P-OLD', 91, { chat: true });
    await put('P-DEAD', 91, { message: 'dead' });
    await put('P-NEW', 89, { chat: true });
    await toldRows(store).sweep();
    expect([await left('P-OLD'), await left('P-DEAD'), await left('P-NEW')]).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [1, 1, 1, 1],
    ]);
  });
  it('what nobody was told yet, waits for its digest or is on its way stays', async () => {
    await put('P-UNTOLD', 200, { told: false });
    await put('P-WAITS', 200, { notice: 'waiting' });
    await put('P-READY', 200, { message: 'ready' });
    await toldRows(store).sweep();
    expect((await left('P-UNTOLD'))[0]).toBe(1);
    expect((await left('P-WAITS')).slice(0, 2)).toEqual([1, 1]);
    expect((await left('P-READY')).slice(0, 3)).toEqual([1, 1, 1]);
  });
  it('who was asked to approve a plan that still waits is remembered, and forgotten with the plan', async () => {
    const asked = async (id: string, days: number): Promise<void> => {
      await store.query(
        `insert into plan (id, name, hash, header, created_by, expires_at) values ($1, 'p', '', '{}', 'o', now() + $2::int4 * interval '1 day')`,
        [id, days],
      );
      await put(id, 200, { ask: true });
    };
    await asked('P-STILL', 100);
    await asked('P-OVER', -1);
    await toldRows(store).sweep();
    expect([(await left('P-STILL')).slice(0, 2), (await left('P-OVER')).slice(0, 2)]).toEqual([
      [1, 1],
      [0, 0],
    ]);
  });
  it('what is found by looking stays known, so that it is not told again', async () => {
    await put('P-EXPIRED', 200, { kind: 'plan.expired' });
    await toldRows(store).sweep();
    expect(await left('P-EXPIRED')).toEqual([1, 0, 0, 0]);
  });
  it('a backlog goes in portions: no sweep takes long', async () => {
    await store.query(
      `insert into event (at, kind, plan, told_at) select now() - interval '1 year', 'plan.made', 'P-MANY', now() - interval '1 year' from generate_series(1, 6000)`,
    );
    await toldRows(store).sweep();
    expect((await left('P-MANY'))[0]).toBe(1000);
    await toldRows(store).sweep();
    expect((await left('P-MANY'))[0]).toBe(0);
  });
});

// Sessions do not pile up for ever, and none that could still open anything is swept away.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testStore } from '../../test/harness/store.ts';
import { pastSessions } from './past-sessions.ts';
import type { Store } from './sql.ts';

let store: Store;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ store, close } = await testStore());
});
afterAll(() => close());

const days = (n: number): Date => new Date(Date.now() + n * 86_400_000);

it('a session goes ninety days after its end, a count of fetches after a day; what is open or counts stays', async () => {
  await store.query(`insert into member (id, name, roles, handle, created_by) values ('M-1', 'alice', '{}', '\\x01', 'test')`);
  for (const [id, expires] of [
    ['old', days(-91)],
    ['recent', days(-89)],
    ['open', days(1)],
  ] as const)
    await store.query(
      `insert into session (id, hash, member, method, created_at, seen_at, expires_at) values ($1, $2, 'M-1', 'passkey', $3, $3, $3)`,
      [id, Buffer.from(id), expires],
    );
  await store.query('insert into delivery_rate (who, since, tries) values ($1, $2, 3), ($3, $4, 3)', ['a', days(-2), 'b', new Date()]);
  await pastSessions(store).sweep();
  expect((await store.query<{ id: string }>('select id from session order by id')).map(({ id }) => id)).toEqual(['open', 'recent']);
  expect((await store.query<{ who: string }>('select who from delivery_rate')).map(({ who }) => who)).toEqual(['b']);
});

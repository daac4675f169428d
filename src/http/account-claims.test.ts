// A second chance for whoever came too late: by somebody else, with a reason, on record, and never for what was shown already.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Delivery, deliveryGround, sendForm } from '../../test/harness/delivery.ts';

const windowMs = 72 * 3_600_000;
const secret = 'Correct-Horse-9';
let ground: Delivery;
let n = 0;
beforeAll(async () => {
  ground = await deliveryGround();
});
afterAll(() => ground.close());

/** A person with one account that was reset for them, and the address of its claims. */
async function person(): Promise<{ who: string; url: string; show: string }> {
  const who = `late${++n}`;
  await ground.add({ id: `uid=${who}`, identity: who, secret });
  const account = encodeURIComponent(`uid=${who}`);
  return { who, url: `/v1/accounts/orders-db/${account}/claims`, show: `/my/orders-db/${account}/show` };
}
const read = (url: string, by = 'hana', roles = 'help-desk') => ground.api.inject({ url, headers: { person: by, roles } });
const reopen = (url: string, who: string, by = 'hana', roles = 'help-desk', reason = 'ill all week; called back') =>
  ground.api.inject({ method: 'POST', url: `${url}/reopen`, headers: { person: by, roles }, payload: { person: who, reason } });
const later = (ms: number): void => {
  ground.clock.now = new Date(ground.clock.now.getTime() + ms);
};

test('who came too late may fetch it after the help desk opened it again, which is on record with who, for whom and why', async () => {
  const { who, url, show } = await person();
  expect((await read(url)).json()).toMatchObject({ items: [{ person: who, version: 1, state: 'waiting', reveals: 0 }] });
  later(windowMs + 1);
  expect((await read(url)).json()).toMatchObject({ items: [{ person: who, state: 'expired', until: null }] });
  expect((await sendForm(ground.api, show, { person: who })).statusCode).toBe(409);
  const until = new Date(ground.clock.now.getTime() + windowMs).toISOString();
  const reply = await reopen(url, who);
  expect([reply.statusCode, reply.json()]).toEqual([200, expect.objectContaining({ person: who, state: 'waiting', until })]);
  expect((await ground.lines()).at(-1)).toMatchObject({
    kind: 'reveal',
    outcome: 'opened again',
    item: `orders-db/uid=${who}`,
    by: 'hana',
    person: who,
    reason: 'ill all week; called back',
  });
  expect((await sendForm(ground.api, show, { person: who })).statusCode).toBe(200);
});

test('what was shown is not opened again: whoever saw it may know it, so it is reset', async () => {
  const { who, url, show } = await person();
  expect((await sendForm(ground.api, show, { person: who })).statusCode).toBe(200);
  for (const waited of [0, windowMs + 1]) {
    later(waited);
    const reply = await reopen(url, who);
    expect([reply.statusCode, reply.json().hint]).toEqual([409, expect.stringContaining('reset once more')]);
  }
  expect((await ground.lines()).filter(({ outcome, item }) => outcome === 'opened again' && item === `orders-db/uid=${who}`)).toEqual([]);
});

test('nobody opens their own, what still waits is left as it is, and a stranger to the account is nobody', async () => {
  const { who, url } = await person();
  expect((await reopen(url, who)).statusCode).toBe(409);
  later(windowMs + 1);
  expect((await reopen(url, who, who)).statusCode).toBe(403);
  expect((await reopen(url, 'mallory')).statusCode).toBe(404);
  expect((await reopen(url, who, 'hana', 'help-desk', ' ')).statusCode).toBe(400);
  expect((await read(url)).json()).toMatchObject({ items: [{ person: who, state: 'expired' }] });
});

test.each(['viewer', 'operator', 'approver', 'owner', 'auditor', 'administrator'])('%s opens nothing again', async (role) => {
  const { who, url } = await person();
  later(windowMs + 1);
  expect((await reopen(url, who, 'olga', role)).statusCode).toBe(403);
});

test('an owner sees the claims of what is theirs and of nothing else', async () => {
  await ground.add({ id: 'svc-orders', owners: ['olga'], secret });
  const { url } = await person();
  const mine = '/v1/accounts/orders-db/svc-orders/claims';
  expect((await read(mine, 'olga', 'owner')).json()).toMatchObject({ items: [{ person: 'olga', state: 'waiting' }] });
  expect((await read(url, 'olga', 'owner')).statusCode).toBe(404);
});

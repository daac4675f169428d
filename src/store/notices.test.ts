// The outbox on a real store: an event is as durable as the change it tells of, is sent at least once under one id, and never by two at once.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testStore } from '../../test/harness/store.ts';
import { notifySpec } from '../estate/notify-spec.ts';
import type { ApprovalFacts, Delivered, Outgoing } from '../notify/port.ts';
import { sendDue } from '../notify/send.ts';
import { tell } from '../notify/tell.ts';
import { noticeStore } from './notices.ts';
import type { Store } from './sql.ts';
import { waitingCredentials } from './waiting-credentials.ts';

let store: Store;
let close: () => Promise<void>;
let time = Date.parse('2026-11-21T12:00:00Z');
const now = (): Date => new Date(time);
const notify = notifySpec(
  {
    from: 'rekey@example.test',
    digestMinutes: 15,
    smtp: { host: '127.0.0.1' },
    webhooks: [
      { id: 'soar', url: 'https://soar.example.test/' },
      { id: 'room', url: 'https://chat.example.test/', style: 'chat' },
    ],
    people: [
      { name: 'alice', mail: 'alice@example.test' },
      { name: 'bob', mail: 'bob@example.test' },
      { name: 'olga', mail: 'olga@example.test' },
    ],
  },
  '/estate',
);
let approvals: ApprovalFacts;

beforeAll(async () => {
  ({ store, close } = await testStore());
});
afterAll(() => close());

async function newPlan(id: string): Promise<void> {
  approvals = { needed: 1, given: [], able: ['alice', 'bob'] };
  await store.query(
    `insert into plan(id, name, hash, header, created_by, expires_at) values ($1, 'evict', '', '', 'olga', '2026-11-22T12:00:00Z')`,
    [id],
  );
  const header = { reason: 'leak', incident: 'INC-42', totals: { rotate: 3, contain: 0, byHand: 0, tier0: 0 } };
  await store.query(`update plan set hash = 'h', header = $2 where id = $1`, [id, JSON.stringify(header)]);
}
async function newRun(plan: string): Promise<string> {
  const id = plan.replace('P-', 'R-');
  await store.query(`insert into run(id, plan, plan_hash, mode, data_key, started_by) values ($1, $2, 'h', 'contain', 1, 'olga')`, [
    id,
    plan,
  ]);
  return id;
}
const outbox = (): ReturnType<typeof noticeStore> => noticeStore(store);
const look = (): Promise<void> =>
  tell({
    notify,
    estate: 'acme',
    demo: false,
    look: true,
    store: outbox(),
    employees: waitingCredentials(store),
    fetching: { windowMs: 72 * 3_600_000 },
    approvals: async () => approvals,
    newId: () => `msg_${randomBytes(8).toString('hex')}`,
    now,
  });
const sent: Outgoing[] = [];
const send = (deliver: (m: Outgoing) => Promise<Delivered> = async () => ({ kind: 'sent' })): Promise<number> =>
  sendDue({
    store: outbox(),
    now,
    random: () => 0,
    deliver: async (m) => {
      sent.push(m);
      return deliver(m);
    },
  });
const all = async (deliver?: (m: Outgoing) => Promise<Delivered>): Promise<Outgoing[]> => {
  sent.length = 0;
  while ((await send(deliver)) > 0);
  return [...sent];
};
const to = (messages: readonly Outgoing[], channel = 'mail'): string[] =>
  messages
    .filter((m) => m.channel === channel)
    .map((m) => m.person)
    .sort();
const headlines = (m: Outgoing | undefined): string[] =>
  ((m?.body as { items?: { headline: string }[] } | undefined)?.items ?? []).map((i) => i.headline);

describe('the outbox', () => {
  it('a change that is rolled back is told to nobody, and one that is committed is told after any crash', async () => {
    await expect(
      store.transaction(async () => {
        await newPlan('P-ROLLBACK');
        throw new Error('crash');
      }),
    ).rejects.toThrow('crash');
    await newPlan('P-COMMIT');
    await look();
    expect(new Set((await all()).map((m) => m.thread))).toEqual(new Set(['P-COMMIT']));
  });

  it('a message whose worker died on the way is sent again under the same id, and by nobody before its hold ran out', async () => {
    await newPlan('P-CRASH');
    await look();
    // The worker claims and dies: nothing is settled.
    const claimed = await outbox().claim(now(), new Date(time + 120_000), 100);
    expect(to(claimed)).toEqual(['alice', 'bob']);
    expect(await all()).toEqual([]);
    time += 121_000;
    const again = await all();
    expect(again.map((m) => m.id).sort()).toEqual(claimed.map((m) => m.id).sort());
    expect(again.every((m) => m.tries === 2)).toBe(true);
  });

  it('two workers at once never hold the same message, and one that lost its hold cannot settle', async () => {
    for (const n of [1, 2, 3, 4, 5]) await newPlan(`P-TWO${n}`);
    await look();
    const until = new Date(time + 120_000);
    const [a, b] = await Promise.all([outbox().claim(now(), until, 7), outbox().claim(now(), until, 100)]);
    const keys = [...a, ...b].map((m) => m.key);
    expect(keys.length).toBe(new Set(keys).size);
    expect(keys.length).toBe(20);
    const [lost] = a;
    if (lost === undefined) throw new Error('nothing was claimed');
    time += 121_000;
    const [taken] = (await outbox().claim(now(), new Date(time + 120_000), 100)).filter((m) => m.key === lost.key);
    await outbox().settle(lost, { state: 'dead', reason: 'late', at: now() });
    await outbox().settle(taken as Outgoing, { state: 'sent', reason: null, at: now() });
    expect(await store.query(`select state, tries from message where key = $1::int8`, [lost.key])).toEqual([{ state: 'sent', tries: 2 }]);
    time += 121_000;
    await all();
  });

  it('events of one run reach a webhook in their order: while one is being retried the later ones wait', async () => {
    await newPlan('P-ORDER');
    const run = await newRun('P-ORDER');
    await store.query(`update run set state = 'paused', halt = '{"by": "guardrail", "reason": "too many"}' where id = $1`, [run]);
    await look();
    const types: string[] = [];
    let down = true;
    const hook = async (m: Outgoing): Promise<Delivered> => {
      if (m.channel === 'soar') types.push(m.template);
      return m.channel === 'soar' && down ? { kind: 'again', reason: 'answered 503' } : { kind: 'sent' };
    };
    await all(hook);
    expect(types).toEqual(['plan.made']);
    down = false;
    time += 60_000;
    await all(hook);
    expect(types).toEqual(['plan.made', 'plan.made', 'run.started', 'run.paused']);
  });

  it('what cannot be delivered ends in the list of the dead with its reason; what is put off is given up after three days', async () => {
    await newPlan('P-DEAD');
    await look();
    await all(async (m) =>
      m.person === 'alice'
        ? { kind: 'dead', reason: 'refused by the mail server (550 5.1.1)' }
        : m.person === 'bob'
          ? { kind: 'again', reason: 'no answer' }
          : { kind: 'sent' },
    );
    time += 73 * 3_600_000;
    await all(async () => ({ kind: 'again', reason: 'no answer' }));
    const dead = await store.query(
      `select person, state, reason from message where thread = 'P-DEAD' and channel = 'mail' order by person`,
    );
    expect(dead).toEqual([
      { person: 'alice', state: 'dead', reason: 'refused by the mail server (550 5.1.1)' },
      { person: 'bob', state: 'dead', reason: 'given up after 2 attempts: no answer' },
    ]);
    time = Date.parse('2026-11-21T13:00:00Z');
  });
});

describe('etiquette', () => {
  it('an ask that another approver made pointless is taken back: unsent it never arrives, sent it is followed by one word in the same thread', async () => {
    await newPlan('P-ASK');
    await look();
    const asked = await all(async (m) => (m.person === 'bob' ? { kind: 'again', reason: 'no answer' } : { kind: 'sent' }));
    expect(to(asked)).toEqual(['alice', 'bob']);
    await store.query(`insert into approval(plan, approver, method, public_key, signature) values ('P-ASK', 'carol', 'ssh', 'k', 's')`);
    approvals = { needed: 1, given: ['carol'], able: ['alice', 'bob'] };
    await look();
    time += 16 * 60_000;
    await look();
    const after = await all();
    const mail = after.filter((m) => m.channel === 'mail' && m.thread === 'P-ASK');
    expect(headlines(mail.find((m) => m.person === 'olga'))).toEqual(['carol approved: it can be started']);
    expect(headlines(mail.find((m) => m.person === 'alice'))).toEqual(['carol approved: nothing is left for you to do']);
  });

  it('what can wait is gathered into one message for each person, and goes along at once with what cannot', async () => {
    await newPlan('P-DIGEST');
    approvals = { needed: 1, given: ['carol'], able: [] };
    const run = await newRun('P-DIGEST');
    await store.query(`insert into wave(run, n, name, mode) select key, 0, 'canary', 'contain' from run where id = $1`, [run]);
    for (const state of ['running', 'done'])
      await store.query(`update wave set state = $2 where run = (select key from run where id = $1)`, [run, state]);
    await look();
    expect(to((await all()).filter((m) => m.thread === 'P-DIGEST'))).toEqual([]);
    await store.query(`update run set state = 'complete' where id = $1`, [run]);
    await look();
    const olga = (await all()).filter((m) => m.person === 'olga' && m.thread === 'P-DIGEST');
    expect(olga).toHaveLength(1);
    expect(headlines(olga[0])).toEqual([
      'Wave 0 canary began',
      'Wave 0 canary is done',
      'Finished: every old credential is proved refused',
    ]);
    expect(olga[0]?.template).toBe('finished');
  });

  it('a plan that ran out of time is told once, to who asked for it', async () => {
    await newPlan('P-LATE');
    await look();
    await all();
    time = Date.parse('2026-11-22T12:00:01Z');
    await look();
    await look();
    const olga = (await all()).filter((m) => m.person === 'olga' && m.thread === 'P-LATE');
    expect(olga.map(headlines)).toEqual([['Expired without approval']]);
    time = Date.parse('2026-11-21T13:00:00Z');
  });

  it('an estate without a block "notify" tells nobody, and does not begin with old news when it gets one', async () => {
    await newPlan('P-SILENT');
    await tell({
      notify: undefined,
      estate: 'acme',
      demo: false,
      look: true,
      store: outbox(),
      employees: waitingCredentials(store),
      fetching: { windowMs: 72 * 3_600_000 },
      approvals: async () => approvals,
      newId: () => 'x',
      now,
    });
    await look();
    expect((await all()).filter((m) => m.thread === 'P-SILENT')).toEqual([]);
  });
});

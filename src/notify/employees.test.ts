// People hear once that something waits for them, once more before it is too late, and not at all when they fetched it.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Delivery, deliveryGround, sendForm } from '../../test/harness/delivery.ts';
import { notifySpec } from '../estate/notify-spec.ts';
import { noticeStore } from '../store/notices.ts';
import { waitingCredentials } from '../store/waiting-credentials.ts';
import { leadMs } from './employees.ts';
import type { Letter } from './letter.ts';
import type { Outgoing } from './port.ts';
import { sendDue } from './send.ts';
import { tell } from './tell.ts';

const hour = 3_600_000;
const noon = Date.parse('2026-11-20T12:00:00Z');
const secret = 'Kz7!unsent-value';
const settings: Parameters<typeof notifySpec>[0] = {
  from: 'rekey@example.test',
  publicUrl: 'https://rekey.example.test',
  digestMinutes: 15,
  smtp: { host: '127.0.0.1' },
  webhooks: [{ id: 'room', url: 'https://chat.example.test/', style: 'chat' }],
  employees: {},
  people: [{ name: 'dora', channel: 'room' }],
};
let ground: Delivery;

beforeEach(async () => {
  ground = await deliveryGround();
  ground.clock.now = new Date(noon);
  const header = { reason: 'leak', incident: null, totals: { rotate: 3, contain: 0, byHand: 0, tier0: 0 } };
  await ground.store.query(`update plan set hash = 'h', header = $1`, [JSON.stringify(header)]);
  await ground.store.query(`update event set told_at = now()`);
});
afterEach(() => ground.close());

/** Looks and sends what is due; answers the mails about credentials. */
async function pass(more: Partial<typeof settings> = {}, deliver: 'sent' | 'again' = 'sent'): Promise<Outgoing[]> {
  const store = noticeStore(ground.store);
  const now = () => ground.clock.now;
  await tell({
    notify: notifySpec({ ...settings, ...more }, '/estate'),
    estate: 'acme',
    demo: false,
    look: true,
    store,
    employees: waitingCredentials(ground.store),
    fetching: { windowMs: 72 * hour, help: 'Call 4444.' },
    approvals: async () => ({ needed: 0, given: [], able: [] }),
    newId: () => `msg_${randomBytes(8).toString('hex')}`,
    now,
  });
  const sent: Outgoing[] = [];
  const how = deliver === 'sent' ? ({ kind: 'sent' } as const) : ({ kind: 'again', reason: 'no answer' } as const);
  while (
    (await sendDue({
      store,
      now,
      random: () => 0,
      deliver: async (message) => {
        sent.push(message);
        return how;
      },
    })) > 0
  );
  return sent.filter(({ template }) => template === 'credential');
}
const later = (ms: number): void => {
  ground.clock.now = new Date(ground.clock.now.getTime() + ms);
};
const headlines = (message: Outgoing | undefined): string[] => ((message?.body as Letter | undefined)?.items ?? []).map((i) => i.headline);
const fetchAs = async (person: string, account: string): Promise<void> => {
  const reply = await sendForm(ground.api, `/my/orders-db/${account}/show`, { person }, { version: '1' });
  expect(reply.statusCode).toBe(200);
  expect(await ground.store.query('select 1 from claim where person = $1 and revealed_at is not null', [person])).toHaveLength(1);
};

describe('an employee', () => {
  it('gets one mail for all that came within the digest, says where and until when, and never the value or what it is of', async () => {
    await ground.add({ id: 'ann-mail', identity: 'ann@example.test', secret });
    await ground.add({ id: 'ann-erp', identity: 'ann@example.test', secret });
    expect(await pass()).toEqual([]);
    later(16 * 60_000);
    const [mail, ...more] = await pass();
    expect([mail?.address, more, headlines(mail)]).toEqual(['ann@example.test', [], ['A new credential waits for you']]);
    const text = JSON.stringify(mail?.body);
    expect(text).toContain('https://rekey.example.test/my');
    expect(text).toContain('2026-11-23 12:00 UTC');
    expect(text).toContain('Call 4444.');
    expect(text).not.toMatch(/unsent-value|ann-mail|ann-erp|orders-db|leak|P-7K3QX2MA|R-4T9WZ0AB/);
    later(hour);
    expect(await pass()).toEqual([]);
  });

  it('is reminded once before the window ends, and hears nothing after it', async () => {
    await ground.add({ id: 'ann', identity: 'ann@example.test', secret });
    await pass();
    later(hour);
    expect(await pass()).toHaveLength(1);
    later(46 * hour);
    expect(await pass()).toEqual([]);
    later(2 * hour);
    await pass();
    later(16 * 60_000);
    expect((await pass()).map(headlines)).toEqual([['A new credential still waits for you: this is the only reminder']]);
    for (const wait of [10 * hour, 10 * hour, 10 * hour]) {
      later(wait);
      expect(await pass()).toEqual([]);
    }
  });

  it('who fetched it is neither told nor reminded, not even by a mail that the server had put off', async () => {
    for (const id of ['ann', 'ben', 'cleo']) await ground.add({ id, identity: `${id}@example.test`, secret });
    await pass();
    await fetchAs('ann@example.test', 'ann');
    later(16 * 60_000);
    expect((await pass({}, 'again')).map(({ person }) => person)).toEqual(['ben@example.test', 'cleo@example.test']);
    await fetchAs('ben@example.test', 'ben');
    later(hour);
    expect((await pass()).map(({ person }) => person)).toEqual(['cleo@example.test']);
    await fetchAs('cleo@example.test', 'cleo');
    later(48 * hour);
    await pass();
    later(hour);
    expect(await pass()).toEqual([]);
  });

  it('whose later credential comes in another wave is told anew only when nothing of the first is left', async () => {
    for (const id of ['ann', 'ben']) await ground.add({ id, identity: `${id}@example.test`, secret });
    await pass();
    later(16 * 60_000);
    expect(await pass()).toHaveLength(2);
    await fetchAs('ann@example.test', 'ann');
    later(hour);
    for (const id of ['ann', 'ben']) await ground.add({ id: `${id}-2`, identity: `${id}@example.test`, secret });
    await pass();
    later(16 * 60_000);
    expect((await pass()).map(({ person }) => person)).toEqual(['ann@example.test']);
  });

  it('sleeps through quiet hours, and is told nothing where the estate file does not say so or another channel is named', async () => {
    ground.clock.now = new Date('2026-11-20T23:00:00Z');
    await ground.add({ id: 'ann', identity: 'ann@example.test', secret });
    await ground.add({ id: 'dora', identity: 'dora', secret });
    const { employees: _, ...without } = settings;
    const quietHours = { from: '22:00', to: '07:00' };
    await tellNobody(without);
    await pass({ quietHours });
    later(hour);
    expect(await pass({ quietHours })).toEqual([]);
    later(7 * hour);
    expect((await pass({ quietHours })).map(({ person }) => person)).toEqual(['ann@example.test']);
  });

  it('is written to where the estate file says, else the member, else the one address of their accounts', async () => {
    for (const id of ['ann', 'ben', 'cleo', 'dan', 'eve']) await ground.add({ id, identity: id, secret });
    await ground.add({ id: 'dan-2', identity: 'dan', secret });
    const mail = (id: string, address: string) =>
      ground.store.query(`update account set facts = jsonb_build_object('mail', $2::text) where id = $1`, [id, address]);
    for (const id of ['ann', 'ben', 'cleo', 'dan']) await mail(id, `${id}@directory.example`);
    await mail('dan-2', 'somebody@else.example');
    await ground.store.query(
      `insert into member (id, name, email, identity, handle, created_by) values ('M-1', 'Ben B', 'ben@member.example', 'ben', '\\x01', 'house')`,
    );
    const people = [{ name: 'ann', mail: 'ann@file.example' }];
    await pass({ people });
    later(16 * 60_000);
    expect(Object.fromEntries((await pass({ people })).map(({ person, address }) => [person, address]))).toEqual({
      ann: 'ann@file.example',
      ben: 'ben@member.example',
      cleo: 'cleo@directory.example',
      dan: null,
      eve: null,
    });
  });

  it('who owns a service is told where nothing carries its value by itself, and not where a consumer is known', async () => {
    await ground.add({ id: 'app', owners: ['ops@example.test'], secret });
    const moved = await ground.add({ id: 'db', owners: ['dba@example.test'], secret });
    await ground.store.query(`insert into consumer (account, consumer, store, ref) values ($1::int8, 'api', 'k8s', 'x')`, [moved]);
    await pass();
    later(16 * 60_000);
    expect((await pass()).map(({ person }) => person)).toEqual(['ops@example.test']);
  });

  it('whose value is in doubt is told once it is not', async () => {
    const key = await ground.add({ id: 'ann', identity: 'ann@example.test', secret });
    await ground.store.query(`update item set state = 'in-doubt', version = 2 where account = $1::int8`, [key]);
    await pass();
    await ground.store.query(`update item set state = 'complete', version = 1 where account = $1::int8`, [key]);
    later(hour);
    await pass();
    later(16 * 60_000);
    expect(await pass()).toHaveLength(1);
  });
});

it('a reminder never comes in the first half of the window', () => {
  expect(leadMs(24 * hour, 72 * hour)).toBe(24 * hour);
  expect(leadMs(24 * hour, 10 * hour)).toBe(5 * hour);
});

async function tellNobody(without: Omit<typeof settings, 'employees'>): Promise<void> {
  await tell({
    notify: notifySpec(without, '/estate'),
    estate: 'acme',
    demo: false,
    look: true,
    store: noticeStore(ground.store),
    employees: waitingCredentials(ground.store),
    fetching: { windowMs: 72 * hour },
    approvals: async () => ({ needed: 0, given: [], able: [] }),
    newId: () => 'x',
    now: () => ground.clock.now,
  });
  expect(await ground.store.query('select 1 from credential_told')).toEqual([]);
}

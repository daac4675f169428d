// A plan says when telling people about it would tell the attacker.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testPlanning } from '../../test/harness/planning.ts';
import { testStore } from '../../test/harness/store.ts';
import { notifySpec } from '../estate/notify-spec.ts';
import type { Store } from '../store/sql.ts';
import { channelWarnings, mailAddresses } from './channel-warnings.ts';

let store: Store;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ store, close } = await testStore());
});
afterAll(() => close());

const notify = notifySpec(
  {
    from: 'rekey@example.test',
    smtp: { host: '127.0.0.1', user: 'svc-mailer', password: { env: 'X' } },
    webhooks: [{ id: 'room', url: 'https://chat.example.test/', style: 'chat' }],
    people: [
      { name: 'alice', mail: 'alice@example.test' },
      { name: 'bob', mail: 'bob@example.test', channel: 'room' },
      { name: 'carol', mail: 'carol@example.test' },
    ],
  },
  '/estate',
);

it('mail to somebody whose account is in the plan is flagged, another channel is not, and neither is whom the plan does not touch', async () => {
  const planning = await testPlanning(store);
  Object.assign(planning.estate, { notify });
  await planning.accounts([
    { name: 'alice', identity: 'Alice@example.test', owners: ['o'] },
    { name: 'bob', identity: 'bob@example.test', owners: ['o'] },
    { name: 'svc-mailer', owners: ['o'] },
    { name: 'carol', identity: 'carol@example.test', owners: ['o'] },
  ]);
  const touched = await planning.create({ where: 'name in (alice, bob, svc-mailer)' });
  const about = touched.warnings.filter((w) => /Mail to|Notices are sent/.test(w));
  expect(about).toHaveLength(2);
  expect(about[0]).toContain('Mail to alice@example.test goes to a mailbox whose account this plan resets');
  expect(about[1]).toContain('Notices are sent with svc-mailer');
  await store.query(`update account set exposed = true where name = 'carol'`);
  const other = await planning.create({ where: 'name = bob' });
  expect(other.warnings.filter((w) => w.startsWith('Mail to'))).toEqual([
    'Mail to carol@example.test goes to a mailbox whose account leaked: the attacker may read it. Give them another channel (notify.people), or call them.',
  ]);
});

it('mail to people about their own credential is flagged for those whose mailbox the plan resets, leaked ones first, and counted', async () => {
  const planning = await testPlanning(store);
  const people = ['ann', 'ben', 'cleo', 'dan', 'eve'].map((name) => `${name}@example.test`);
  await planning.accounts(people.map((identity) => ({ name: identity.slice(0, 3), identity, owners: ['o'] })));
  await planning.accounts([{ name: 'zoe', identity: 'zoe@example.test', owners: ['o'] }]);
  await store.query(`update account set exposed = true where name = 'eve'`);
  const told = async (more: object): Promise<readonly string[]> => {
    Object.assign(planning.estate, {
      notify: {
        ...notify,
        people: [
          { name: 'ann@example.test', channel: 'room' },
          { name: 'dan@example.test', mail: 'dan@home.example' },
        ],
        ...more,
      },
    });
    return (await planning.create({ where: 'name in (ann, ben, cle, dan, eve)' })).warnings.filter((w) => w.includes('notify.employees'));
  };
  expect(await told({})).toEqual([]);
  const [warning, ...none] = await told({ employees: { remindBeforeMs: 1 } });
  expect(none).toEqual([]);
  expect(warning).toContain('eve@example.test, ben@example.test, cleo@example.test. ');
  expect(warning).toContain('1 of these accounts leaked');
});

it('nobody is flagged where no mail is sent', () => {
  const { smtp: _, ...without } = notify;
  expect(mailAddresses({ notify: without, approvers: [] }, 'olga')).toEqual([]);
  expect(channelWarnings([], 'svc-mailer')).toEqual([]);
});

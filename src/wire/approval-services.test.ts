// Approving through the services as members do it: listed, asked, answered with a passkey, refused, and never by whoever made the plan.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolled, site } from '../../test/harness/enrolled.ts';
import { testPlanning } from '../../test/harness/planning.ts';
import { refusal } from '../../test/harness/refusal.ts';
import { testStore } from '../../test/harness/store.ts';
import type { VirtualPasskey } from '../../test/harness/virtual-passkey.ts';
import type { Caller } from '../access/caller.ts';
import type { Role } from '../access/rights.ts';
import type { ApprovalServices } from '../http/approval-services.ts';
import { runStore } from '../store/runs.ts';
import type { Store } from '../store/sql.ts';
import { approvalParts, approvalServices } from './approval-services.ts';
import type { Parts } from './parts.ts';

const { origin, rpId } = site;
const caller = (name: string): Caller => ({ name, custodian: false, identity: null, roles: ['approver'], via: 'session' });

let store: Store;
let close: () => Promise<void>;
let services: ApprovalServices;
let parts: Parts;
let makePlan: (by: string) => Promise<string>;
const devices = new Map<string, VirtualPasskey>();

beforeAll(async () => {
  ({ store, close } = await testStore());
  const planning = await testPlanning(store);
  await planning.accounts([{ name: 'svc-a' }, { name: 'svc-b' }]);
  makePlan = async (by) => (await planning.create({ where: 'all' }, by)).id;
  const estate = { ...planning.estate, approvals: { count: 1, tier0: 2, handover: 2, self: false } };
  const now = () => new Date('2026-11-21T01:00:00Z');
  parts = { estate, store, now, runs: runStore(store) } as unknown as Parts; // the other parts are not looked at
  services = approvalServices(parts, () => ({ origin, rpId }));
  for (const name of ['bob', 'carol']) await enrol(name, ['approver']);
  await enrol('vera', ['viewer']);
}, 60_000);
afterAll(() => close());

async function enrol(name: string, roles: readonly Role[]): Promise<void> {
  devices.set(name, await enrolled(store, name, roles));
}

async function give(name: string, id: string, asked = id) {
  const { options } = await services.askPasskey(caller(name), asked);
  const answer = (devices.get(name) as VirtualPasskey).assert({ ...options, allowCredentials: [...options.allowCredentials] });
  return services.approveByPasskey(caller(name), id, answer);
}

describe('a plan', () => {
  it('is listed as waiting with who may, asked of one’s own passkeys over the text it shows, and approved by the answer', async () => {
    const id = await makePlan('dave');
    const { items } = await services.approvals(caller('bob'), { limit: 10, state: 'waiting' });
    expect(items.find((each) => each.id === id)).toMatchObject({
      kind: 'plan',
      state: 'waiting',
      may: ['alice', 'bob', 'carol'],
      canGive: true,
      mine: false,
      credentials: 2,
    });
    const asked = await services.askPasskey(caller('bob'), id);
    expect(asked).toMatchObject({ approver: 'bob', message: (await services.approvable(caller('bob'), id)).message });
    expect(asked.options).toMatchObject({ rpId, userVerification: 'required', allowCredentials: [{ id: devices.get('bob')?.id }] });
    expect(await give('bob', id)).toMatchObject({ approvals: { needed: 1, given: [{ name: 'bob', method: 'passkey' }] } });
    const after = await services.approvals(caller('bob'), { limit: 10, state: 'approved' });
    expect(after.items.find((each) => each.id === id)).toMatchObject({ state: 'approved', canGive: false, may: ['alice', 'carol'] });
  });
  it('is not approved with an answer that was asked for another, nor by its maker, nor by a role that may not', async () => {
    const [one, other] = [await makePlan('dave'), await makePlan('carol')];
    expect((await refusal(give('bob', one, other))).message).toContain('something else');
    expect((await refusal(give('carol', other))).message).toContain('nobody approves their own');
    expect((await refusal(services.askPasskey(caller('vera'), one))).code).toBe('not-permitted');
    expect((await refusal(services.askPasskey(caller('nobody'), one))).hint).toContain('SSH key');
  });
  it('is stopped by a refusal until whoever gave it takes it back, and both are in the log', async () => {
    const id = await makePlan('dave');
    await give('bob', id);
    expect(await services.refuse(caller('carol'), id, 'too wide')).toMatchObject({
      state: 'refused',
      refused: [{ name: 'carol', reason: 'too wide' }],
    });
    const { assert, subject } = approvalParts(parts);
    expect((await refusal(assert(await subject(id)))).message).toContain('carol refused');
    expect((await refusal(services.withdrawRefusal(caller('bob'), id))).code).toBe('not-found');
    expect(await services.withdrawRefusal(caller('carol'), id)).toMatchObject({ state: 'approved' });
    await expect(assert(await subject(id))).resolves.toMatchObject({ needed: 1 });
    const lines = await store.query<{ line: string }>('select line from entry where line like \'%"kind":"refusal"%\' and line like $1', [
      `%${id}%`,
    ]);
    expect(lines).toHaveLength(2);
  });
});

it('pages meet without a gap or a repeat, whatever the state', async () => {
  for (let i = 0; i < 5; i += 1) await makePlan('dave');
  for (const state of [undefined, 'waiting'] as const) {
    const whole = (await services.approvals(caller('bob'), { limit: 100, ...(state ? { state } : {}) })).items.map((each) => each.id);
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await services.approvals(caller('bob'), { limit: 2, ...(state ? { state } : {}), ...(cursor ? { cursor } : {}) });
      seen.push(...page.items.map((each) => each.id));
      cursor = page.cursor;
      if (cursor === undefined) break;
    }
    expect(seen).toEqual(whole);
    expect(whole.length).toBeGreaterThan(4);
  }
});

it('where the estate takes SSH keys only, no passkey is asked and none that was given counts', async () => {
  const id = await makePlan('dave');
  await give('bob', id);
  const strict = { ...parts, estate: { ...parts.estate, approvals: { ...parts.estate.approvals, passkeys: false } } };
  expect((await refusal(approvalServices(strict, () => ({ origin, rpId })).askPasskey(caller('bob'), id))).code).toBe('not-permitted');
  const { assert, subject } = approvalParts(strict);
  expect((await refusal(assert(await subject(id)))).message).toContain('0 of 1 approvals; can approve: alice');
});

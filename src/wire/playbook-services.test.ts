// A playbook is signed in advance by passkey as a plan is: bound to its hash, by those it names, once each, and it verifies offline.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolled, site } from '../../test/harness/enrolled.ts';
import { testPlanning } from '../../test/harness/planning.ts';
import { refusal } from '../../test/harness/refusal.ts';
import { testStore } from '../../test/harness/store.ts';
import type { VirtualPasskey } from '../../test/harness/virtual-passkey.ts';
import type { Caller } from '../access/caller.ts';
import { approvalVerifier } from '../approve/verify-approval.ts';
import { utf8 } from '../cryptography/bytes.ts';
import { nodeCryptography } from '../cryptography/node.ts';
import { type PlaybookSpec, playbookSpec } from '../estate/playbook-spec.ts';
import type { ApprovalServices } from '../http/approval-services.ts';
import type { PlaybookServices } from '../http/trigger-services.ts';
import { approvalsText } from '../prove/approvals-file.ts';
import { approversText } from '../prove/approvers-file.ts';
import type { Manifest } from '../prove/bundle-files.ts';
import { filesInMemory } from '../prove/bundle-source.ts';
import { approvalsHold } from '../prove/verify-approvals.ts';
import { runStore } from '../store/runs.ts';
import type { Store } from '../store/sql.ts';
import { approvalServices } from './approval-services.ts';
import type { Parts } from './parts.ts';
import { playbookServices } from './playbook-services.ts';
import { preApprovalOf } from './pre-approval.ts';

const caller = (name: string): Caller => ({ name, custodian: false, identity: null, roles: ['approver'], via: 'session' });
const playbook = (id: string, more: { reason?: string; credentials?: number; by?: string[]; until?: string } = {}): PlaybookSpec =>
  playbookSpec({
    id,
    where: 'account = $account',
    reason: more.reason ?? 'account taken over',
    parameters: ['account'],
    cap: { credentials: more.credentials ?? 3, systems: 1 },
    preApproved: { by: more.by ?? ['bob', 'carol', 'vera'], until: more.until ?? '2026-12-01T00:00:00Z' },
  });

let store: Store;
let close: () => Promise<void>;
let parts: Parts;
let services: PlaybookServices;
let plans: ApprovalServices;
let makePlan: () => Promise<string>;
const devices = new Map<string, VirtualPasskey>();
const device = (name: string): VirtualPasskey => devices.get(name) as VirtualPasskey; // enrolled below
const withPlaybooks = (...playbooks: PlaybookSpec[]): Parts => ({ ...parts, estate: { ...parts.estate, playbooks } });
const servicesOf = (these: Parts): PlaybookServices => playbookServices(these, () => site);

beforeAll(async () => {
  ({ store, close } = await testStore());
  const planning = await testPlanning(store);
  await planning.accounts([{ name: 'svc-a' }]);
  makePlan = async () => (await planning.create({ where: 'all' }, 'dave')).id;
  const estate = { ...planning.estate, approvals: { count: 1, tier0: 2, handover: 2, self: false } };
  const now = () => new Date('2026-11-21T01:00:00Z');
  parts = { estate, store, now, runs: runStore(store) } as unknown as Parts; // the other parts are not looked at
  for (const name of ['bob', 'carol', 'eve']) devices.set(name, await enrolled(store, name, ['approver']));
  devices.set('vera', await enrolled(store, 'vera', ['viewer']));
  services = servicesOf(withPlaybooks(playbook('contain'), playbook('wider', { credentials: 3000 })));
  plans = approvalServices(parts, () => site);
}, 60_000);
afterAll(() => close());

async function answerOf(name: string, asked: string, from = services) {
  const { options } = await from.askPlaybookPasskey(caller(name), asked);
  return device(name).assert({ ...options, allowCredentials: [...options.allowCredentials] });
}
const sign = async (name: string, id: string, from = services) =>
  from.approvePlaybookByPasskey(caller(name), id, await answerOf(name, id, from));

describe('a playbook', () => {
  it('is shown with who may sign it, asked over the text it shows, and in force by the answer; signed again nothing changes', async () => {
    const before = await services.playbook(caller('bob'), 'contain');
    expect(before.preApproved).toMatchObject({ given: [], inForce: false, may: ['bob', 'carol'], canGive: true });
    expect((await services.playbook(caller('eve'), 'contain')).preApproved?.canGive).toBe(false);
    const asked = await services.askPlaybookPasskey(caller('bob'), 'contain');
    expect(asked).toMatchObject({ hash: before.hash, message: before.message, approver: 'bob' });
    expect((await sign('bob', 'contain')).preApproved).toMatchObject({
      given: [{ name: 'bob', method: 'passkey' }],
      inForce: true,
      may: ['carol'],
      canGive: false,
    });
    expect((await sign('bob', 'contain')).preApproved?.given).toHaveLength(1);
  });

  it('takes no answer that was asked for a wider playbook, for a plan or of somebody else, and lends none to a plan', async () => {
    expect(
      (await refusal(services.approvePlaybookByPasskey(caller('carol'), 'wider', await answerOf('carol', 'contain')))).message,
    ).toContain('something else');
    expect(
      (await refusal(services.approvePlaybookByPasskey(caller('carol'), 'contain', await answerOf('bob', 'contain')))).message,
    ).toContain('not enrolled');
    const plan = await makePlan();
    const { options } = await plans.askPasskey(caller('carol'), plan);
    const forPlan = device('carol').assert({ ...options, allowCredentials: [...options.allowCredentials] });
    expect((await refusal(services.approvePlaybookByPasskey(caller('carol'), 'contain', forPlan))).message).toContain('something else');
    const forPlaybook = await answerOf('carol', 'contain');
    expect((await refusal(plans.approveByPasskey(caller('carol'), plan, forPlaybook))).message).toContain('something else');
    expect((await services.playbook(caller('carol'), 'wider')).preApproved?.given).toEqual([]);
  });

  it('is signed by nobody it does not name, by no role that may not, and after its date by nobody', async () => {
    expect((await refusal(sign('eve', 'contain'))).message).toContain('does not name eve');
    expect((await refusal(sign('vera', 'contain'))).code).toBe('not-permitted');
    const late = servicesOf(withPlaybooks(playbook('contain', { until: '2026-11-20T00:00:00Z' })));
    const refused = await refusal(sign('bob', 'contain', late));
    expect([refused.code, refused.hint]).toEqual(['plan-stale', expect.stringContaining('until')]);
    expect((await refusal(services.approvePlaybook(caller('eve'), 'contain', { approver: 'bob', signature: 's' }))).message).toContain(
      'cannot approve as bob',
    );
  });

  it('counts an answer presented twice once, and refuses one of a passkey that counted no further', async () => {
    const fresh = servicesOf(withPlaybooks(playbook('replayed')));
    const answer = await answerOf('carol', 'replayed', fresh);
    await fresh.approvePlaybookByPasskey(caller('carol'), 'replayed', answer);
    expect((await fresh.approvePlaybookByPasskey(caller('carol'), 'replayed', answer)).preApproved?.given).toHaveLength(1);
    device('carol').counter = 0;
    expect((await refusal(sign('carol', 'replayed', fresh))).message).toContain('a copy of it');
    device('carol').counter = 1000;
  });

  it('loses every signature when a word of it changes, when passkeys do not count, and for a call by who signed', async () => {
    const spec = playbook('contain');
    const there = withPlaybooks(spec);
    const given = async (these: Parts, of = spec, by = 'soar') => (await preApprovalOf(these, of, by)).status.given.map(({ name }) => name);
    expect(await given(there)).toEqual(['bob']);
    expect(await given(there, spec, 'bob')).toEqual([]);
    const changed = playbook('contain', { reason: 'another reason' });
    expect(await given(withPlaybooks(changed), changed)).toEqual([]);
    const strict = { ...there, estate: { ...there.estate, approvals: { ...there.estate.approvals, passkeys: false } } };
    expect(await given(strict)).toEqual([]);
    expect((await refusal(answerOf('carol', 'contain', servicesOf(strict)))).message).toContain('no passkey that may approve');
    // A second name on the same passkey is no second person.
    await store.query(`insert into member (id, name, roles, handle, created_by) values ('M-rob', 'rob', '{approver}', '\\x02', 'test')`);
    await store.query(
      `insert into passkey (id, member, name, public_key, counter, backed_up) select 'copy', 'M-rob', name, public_key, 0, false from passkey where id = $1`,
      [device('bob').id],
    );
    expect(await given(there, spec, 'rob')).toEqual([]);
  });

  it('verifies offline in the evidence of the run it started, and not under a wider playbook or another name', async () => {
    const spec = playbook('contain');
    const { status, counted } = await preApprovalOf(withPlaybooks(spec), spec, 'soar');
    const { message } = await services.playbook(caller('bob'), 'contain');
    const vouched = status.given.map(({ name, method, key, enrolledAt }) => ({
      name,
      method,
      key,
      ...(enrolledAt === undefined ? {} : { enrolledAt }),
    }));
    const plan = JSON.stringify({
      where: 'account = svc-a',
      mode: 'contain',
      createdAt: '2026-11-21T01:00:00.000Z',
      systems: [{ id: 'corp' }],
      totals: { rotate: 1, contain: 0, byHand: 0, tier0: 0 },
      playbook: { id: spec.id, hash: spec.hash, parameters: { account: 'svc-a' } },
    });
    const manifest = { format: 'rekey-bundle/v2', estate: parts.estate.name, plan: 'P-7K3QX2MA', planHash: 'h' } as unknown as Manifest; // no more of it is read
    const verified = (text: string, approvals = counted) => {
      const files = {
        'approvals.json': approvalsText('P-7K3QX2MA', 'h', message, approvals, text),
        'approvers.json': approversText(vouched),
        'plan.json': plan,
      };
      const source = filesInMemory(new Map(Object.entries(files).map(([name, file]) => [name, utf8(file)])));
      return approvalsHold({ source, cryptography: nodeCryptography }, manifest, vouched, approvalVerifier(nodeCryptography));
    };
    expect(await verified(spec.text)).toMatchObject({ approvals: ['bob'], finding: undefined });
    expect((await verified(playbook('contain', { credentials: 3000 }).text)).finding?.reason).toContain(
      'not made by the playbook that was signed',
    );
    const swapped = counted.map((each) => ({ ...each, approver: 'carol' }));
    expect((await verified(spec.text, swapped)).finding?.reason).toContain('the signature of carol is not theirs');
  });
});

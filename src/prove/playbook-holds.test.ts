// A plan that a playbook started is held, offline, against what people signed: selector, cap, date, names.
import { describe, expect, it } from 'vitest';
import { nodeCryptography } from '../cryptography/node.ts';
import { canonical } from '../domain/json.ts';
import { playbookHolds, signedPlaybook } from './playbook-holds.ts';

const { sha256 } = nodeCryptography;
const playbook = {
  id: 'contain-account',
  where: 'account = $account',
  mode: 'contain',
  cap: { credentials: 3, systems: 1, tier0: 0 },
  preApproved: { by: ['alice'], until: '2026-12-01T00:00:00.000Z' },
};
const text = canonical(playbook);
const header = {
  where: 'account = svc-orders',
  mode: 'contain',
  createdAt: '2026-11-21T12:00:00.000Z',
  systems: [{ id: 'orders-db' }],
  totals: { rotate: 2, contain: 0, byHand: 1, tier0: 0 },
  playbook: { id: 'contain-account', hash: signedPlaybook(text, sha256).hash, parameters: { account: 'svc-orders' } },
};
const signature = { approver: 'alice', method: 'ssh', publicKey: 'k', signature: 's', at: '' };
const holds = (plan: object = {}, approvals = [signature], signed = text) =>
  playbookHolds({ playbook: signed, approvals }, JSON.stringify({ ...header, ...plan }), sha256);

describe('a playbook in a bundle', () => {
  it('holds for the plan that is what was signed', () => {
    expect(holds()).toEqual({ id: 'playbook/contain-account', hash: header.playbook.hash });
  });

  it.each<[string, Parameters<typeof holds>, string]>([
    ['a wider selector', [{ where: 'all' }], 'does not select what the signed playbook selects'],
    [
      'another parameter than the one that was bound',
      [{ playbook: { ...header.playbook, parameters: { account: 'svc-other' } } }],
      'does not select',
    ],
    ['another mode', [{ mode: 'continuity' }], 'does not select'],
    ['more credentials', [{ totals: { rotate: 4, contain: 0, byHand: 0, tier0: 0 } }], 'passes the cap'],
    ['more systems', [{ systems: [{}, {}] }], 'passes the cap'],
    ['tier 0', [{ totals: { rotate: 1, contain: 0, byHand: 0, tier0: 1 } }], 'passes the cap'],
    ['a plan made too late', [{ createdAt: '2026-12-01T00:00:00.000Z' }], 'had ended'],
    ['a name that the playbook does not give', [{}, [{ ...signature, approver: 'eve' }]], 'does not name eve'],
    ['no signature', [{}, []], 'nobody signed'],
    [
      'a changed text',
      [{}, [signature], canonical({ ...playbook, cap: { credentials: 300, systems: 9, tier0: 9 } })],
      'not made by the playbook that was signed',
    ],
    ['a plan that names no playbook', [{ playbook: undefined }], 'not made by the playbook'],
    ['something that is no playbook', [{}, [signature], '{'], 'cannot be read'],
  ])('does not hold for %s', (_name, given, why) => {
    expect(holds(...given)).toContain(why);
  });
});

// What becomes of an account, for every reason a plan knows. Nobody is dropped without one.
import { describe, expect, it } from 'vitest';
import type { Mode } from '../domain/run.ts';
import type { SystemSpec } from '../estate/estate.ts';
import { type ConnectorFacts, judge, ownerOf } from './judge.ts';
import type { AccountSnapshot } from './port.ts';

const account: AccountSnapshot = {
  key: 1,
  system: 'corp',
  id: 'a1',
  name: 'svc',
  login: null,
  identity: null,
  kind: 'service',
  owners: ['alice'],
  managed: 'enterprise',
  tier: 2,
  tags: [],
  privileged: false,
  shared: false,
  enabled: true,
  exposed: false,
  gone: false,
  own: false,
  byHand: null,
  generations: null,
  person: null,
  personWhy: null,
};
const cannot = { cannot: 'it has no API' };
const facts = (supports: Partial<ConnectorFacts['supports']>) =>
  ({
    id: 'x',
    role: 'system',
    supports: { setSecret: true, probe: true, ...supports },
    derivatives: [],
    pace: {},
  }) as unknown as ConnectorFacts; // judge reads supports only
const spec = (over: Partial<SystemSpec> = {}) => ({ id: 'corp', connector: 'x', tier: 2, paths: [], ...over }) as SystemSpec; // judge reads these only
const verdict = (
  over: Partial<AccountSnapshot>,
  connector: ConnectorFacts | undefined = facts({}),
  system = spec(),
  canary = false,
  mode: Mode = 'continuity',
) => judge({ ...account, ...over }, { spec: system, connector }, new Set(['gone-person']), canary, mode);

describe('blocked or skipped', () => {
  it.each<[string, Partial<AccountSnapshot>, string]>([
    ['gone', { gone: true, owners: [] }, 'skip'],
    ['disabled', { enabled: false, owners: [] }, 'skip'],
    ['own-credential', { own: true }, 'blocked'],
    ['shared', { shared: true }, 'blocked'],
    ['shared', { kind: 'shared' }, 'blocked'],
    ['two-owners', { owners: ['alice', 'bob'] }, 'blocked'],
    ['no-owner', { owners: [] }, 'blocked'],
    ['owner-disabled', { owners: ['gone-person'] }, 'blocked'],
  ])('%s', (reason, over, action) => expect(verdict(over)).toEqual({ action, reason, strategy: null }));

  it('a system that left the estate file', () => {
    expect(judge(account, undefined, new Set(), false, 'continuity').reason).toBe('system-not-in-estate');
  });
  it('an unknown connector', () =>
    expect(judge(account, { spec: spec(), connector: undefined }, new Set(), false, 'continuity').reason).toBe('connector-unknown'));
  it('a connector that can neither set nor contain', () =>
    expect(verdict({}, facts({ setSecret: cannot, contain: cannot, dualSecret: cannot })).reason).toBe('connector-cannot'));
  it('a system without any way to try a login', () => expect(verdict({}, facts({ probe: cannot })).reason).toBe('no-probe-path'));
});

describe('rotated or contained', () => {
  it('with a path of the estate file where the connector has no probe', () => {
    expect(verdict({}, facts({ probe: cannot }), spec({ paths: [{ id: 'vpn', probe: 'radius', config: {} }] })).action).toBe('rotate');
  });
  it('contained where the target cannot set but can block', () => {
    expect(verdict({}, facts({ setSecret: cannot, contain: true }))).toEqual({
      action: 'contain',
      reason: 'connector-cannot',
      strategy: 'contain',
    });
  });
  it('an overlap where consumers must go on, one value where nothing may stay beside it', () => {
    expect(verdict({}, facts({ overlap: true })).strategy).toBe('overlap');
    expect(verdict({}, facts({ overlap: true }), spec(), false, 'contain').strategy).toBe('set');
  });
  it('a second slot only where no value can be set', () => {
    expect(verdict({}, facts({ dualSecret: true })).strategy).toBe('set');
    expect(verdict({}, facts({ dualSecret: true, setSecret: cannot, contain: cannot }))).toMatchObject({
      action: 'rotate',
      strategy: 'dual',
    });
  });
  it('a canary needs no owner, but must be enabled', () => {
    expect(verdict({ owners: [] }, facts({}), spec(), true).action).toBe('rotate');
    expect(verdict({ enabled: false }, facts({}), spec(), true).reason).toBe('canary-disabled');
  });
});

it('a shared account that somebody answers for is rotated', () => {
  expect(verdict({ shared: true, tags: ['shared-ok'] }).action).toBe('rotate');
});

it('the owner is the declared one, else the system’s', () => {
  const system = spec({ owner: 'ops' });
  expect(ownerOf(account, system)).toBe('alice');
  expect(ownerOf({ ...account, owners: [] }, system)).toBe('ops');
  expect(ownerOf({ ...account, owners: ['a', 'b'] }, system)).toBeNull();
});

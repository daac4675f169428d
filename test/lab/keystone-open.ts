// What the Keystone suites stand on: a connector opened on a lab server, refs of its users, and a value that no rule refuses.
import { randomBytes } from 'node:crypto';
import type { LabKeystone } from '../../lab/keystone.ts';
import { keystone } from '../../src/connectors/keystone/keystone.ts';
import type { AccountRef, Io, Outcome, Secret } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';

export const labIo = (lab: LabKeystone, more: Partial<Io> = {}): Io => ({
  system: 'lab-keystone',
  timeoutMs: 10_000,
  signal: new AbortController().signal,
  now: () => new Date(),
  path: (relative) => relative,
  ...more,
  resolve: async () => secretOf('own', lab.admin.password),
});
export const labSettings = (lab: LabKeystone) => ({
  url: lab.url,
  user: lab.admin.user,
  password: { env: 'UNUSED' },
  project: lab.admin.project,
});

export function openKeystone(lab: LabKeystone, io: Partial<Io> = {}, more: object = {}) {
  const settings = keystone.config.parse({ ...labSettings(lab), tokenCacheSeconds: 0, ...more });
  return keystone.open(settings, labIo(lab, io));
}

export function userRef(lab: LabKeystone, name: string): AccountRef {
  const user = lab.users.get(name);
  if (user === undefined) throw new Error(`no user ${name}`);
  return { system: 'lab-keystone', id: user.id, name };
}

export const fresh = (label = 'v1'): Secret => secretOf(label, `cnryKs1-${randomBytes(12).toString('base64url')}`);

export function value<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'done') throw new Error(`${outcome.kind}: ${outcome.fault.code} ${outcome.fault.message}`);
  return outcome.value;
}

// What the SCIM suites stand on: the connector opened on a lab service, and refs of its users.

import type { LabScim } from '../../lab/scim-server.ts';
import { scim } from '../../src/connectors/scim/scim.ts';
import type { AccountRef, Io } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';

export function openScim(lab: LabScim, io: Partial<Io> = {}, more: object = {}) {
  const settings = scim.config.parse({ url: lab.url, token: { env: 'UNUSED' }, ...more });
  return scim.open(settings, {
    system: 'lab-scim',
    timeoutMs: 5000,
    signal: new AbortController().signal,
    now: () => new Date(),
    path: (relative) => relative,
    ...io,
    resolve: async () => secretOf('token', lab.token),
  });
}

export function userRef(lab: LabScim, userName: string): AccountRef {
  const user = [...lab.users.values()].find((each) => each.userName === userName);
  if (user === undefined) throw new Error(`no user ${userName}`);
  return { system: 'lab-scim', id: user.id, name: userName };
}

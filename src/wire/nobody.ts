// A login of nobody: a name that no account has, so that a refusal counts for none, with a secret of the form the system's secrets have.
import { randomBytes } from 'node:crypto';
import type { AccountRef } from '../kit/capability.ts';
import type { Connection } from '../kit/connector.ts';
import type { Secret } from '../kit/secret.ts';
import { secretOf } from '../seal/secret.ts';

/** The log of the target shows whose login it was. */
export function nobodyOf(system: string): AccountRef {
  const name = `rekey-doctor-${randomBytes(4).toString('hex')}`;
  return { system, id: name, name, login: name, locator: `cn=${name}` };
}

/** Of another form it would be turned away before it was looked at. */
export async function madeUp(system: Connection | undefined): Promise<Secret> {
  const form = system?.secretForm;
  return secretOf('nobody', form === undefined ? `${randomBytes(12).toString('base64url')}-Aa1` : await form.nonsense());
}

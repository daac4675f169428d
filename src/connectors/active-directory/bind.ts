// One simple bind with one password on one controller. The account is named by its GUID, so a rename between two probes changes nothing.
import type { Probed, Secret } from '../../kit/kit.ts';
import { LinkError } from '../../protocols/ldap/link.ts';
import { bindRequest } from '../../protocols/ldap/message.ts';
import type { Controller } from './domain.ts';
import { isGuid } from './identity.ts';
import { bindVerdict } from './outcomes.ts';

const open = (code: string): Probed => ({ verdict: 'indeterminate', code });

/** The answer to this bind alone: nothing is retried, because a retry may count twice. */
export async function bindOn(controller: Controller, guid: string, secret: Secret): Promise<Probed> {
  // With an empty password a bind is "unauthenticated" and may say success (RFC 4513 section 5.1.2).
  if (secret.use((bytes) => bytes.length === 0)) return open('empty-secret');
  if (!isGuid(guid)) return open('no-guid');
  try {
    return await controller.probes.use(async (link) =>
      bindVerdict(await secret.use((bytes) => link.request(bindRequest(`{${guid}}`, bytes), [], true))),
    );
  } catch (error) {
    if (error instanceof LinkError) return open(error.code);
    throw error;
  }
}

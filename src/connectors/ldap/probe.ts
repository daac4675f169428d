// One login with one password on one server. The verdict is the answer to this bind alone; nothing is retried, because a retry may count twice.

import type { Where } from '../../domain/verdict.ts';
import type { AccountRef, Probed, Secret } from '../../kit/kit.ts';
import { LinkError } from '../../protocols/ldap/link.ts';
import { bindRequest, ppolicyControl } from '../../protocols/ldap/message.ts';
import type { Accounts } from './account.ts';
import type { Directory } from './directory.ts';
import { bindVerdict } from './outcomes.ts';

/** The access path of this connector: a simple bind. */
export const bindPath = 'bind';

const open = (code: string): Probed => ({ verdict: 'indeterminate', code });

export function pathsOf(directory: Directory): readonly Where[] {
  return directory.servers.map(({ url }) => ({ path: bindPath, replica: url }));
}

export async function attemptBind(
  directory: Directory,
  accounts: Accounts,
  account: AccountRef,
  secret: Secret,
  where: Where,
): Promise<Probed> {
  const server = where.path === bindPath ? directory.server(where.replica) : undefined;
  if (server === undefined) return open('unknown-path');
  // With an empty password a bind is "unauthenticated" and may say success (RFC 4513 section 5.1.2).
  if (secret.use((bytes) => bytes.length === 0)) return open('empty-secret');
  const dn = await accounts.dnOf(account);
  if (dn.kind !== 'done') return open(dn.fault.target ?? dn.fault.code);
  if (dn.value.trim() === '') return open('empty-name');
  try {
    const answer = await server.probes.use((link) =>
      secret.use((bytes) => link.request(bindRequest(dn.value, bytes), [ppolicyControl], true)),
    );
    return bindVerdict(answer);
  } catch (error) {
    if (error instanceof LinkError) return open(error.code);
    throw error;
  } finally {
    accounts.forget(account);
  }
}

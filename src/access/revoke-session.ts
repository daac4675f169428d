// Ending a session from elsewhere: one's own, or anybody's for whoever manages members.
import { Problem } from '../domain/problem.ts';
import { type Access, recordAccess } from './access.ts';
import { type Caller, reachFor } from './caller.ts';

export async function revokeSession(access: Access, caller: Caller, id: string): Promise<void> {
  const session = await access.store.sessions.get(id);
  const theirs = session !== undefined && session.member === caller.member;
  if (session === undefined || !(theirs || reachFor(caller, 'member.manage') === 'all'))
    throw new Problem('not-found', { message: `there is no open session ${id}`, hint: 'rekey session ls' });
  await access.store.transaction(async () => {
    await access.store.sessions.end(id, `revoked by ${caller.name}`, access.now());
    await recordAccess(access, 'session-revoked', { by: caller.name, member: session.member, session: id });
  });
}

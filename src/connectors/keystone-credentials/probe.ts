// A login with one credential. An absent one and a wrong secret are told apart by the service; a user that is switched off is not, so its
// record is read.
import type { Capabilities, Io, Probed } from '../../kit/kit.ts';
import { member } from '../../protocols/http/call.ts';
import { giveBack } from '../../protocols/keystone/auth.ts';
import type { Identity } from '../../protocols/keystone/identity.ts';
import { type Holder, holderOf } from './holder.ts';
import type { CredentialKind, Pair } from './kind.ts';

export function probe(identity: Identity, kind: CredentialKind, path: string, io: Io): Capabilities['probe'] {
  return {
    paths: async () => [{ path, replica: identity.replica }],
    async attempt(account, secret, where) {
      if (where.path !== path || where.replica !== identity.replica) return { verdict: 'indeterminate', code: 'no-such-path' };
      if (secret.use((bytes) => bytes.length === 0)) return { verdict: 'indeterminate', code: 'empty-secret' };
      const holder = holderOf(account);
      if (holder.kind !== 'done') return { verdict: 'indeterminate', code: 'no-such-account' };
      const pair =
        secret.text((text) => kind.pairOf(text)) ??
        (await besideALiveId(
          kind,
          holder.value,
          secret.text((text) => text),
        ));
      if (pair === undefined) return { verdict: 'indeterminate', code: 'no-credential-to-try-it-on' };
      const { reply, token, absent } = await kind.login(pair);
      if (token !== undefined) {
        await giveBack(identity.target, io, token);
        return { verdict: 'accepted', code: '201' };
      }
      if (absent) return { verdict: 'rejected', code: '404' };
      if (reply.kind !== 'answered') return { verdict: 'indeterminate', code: reply.code };
      if (reply.status === 401) return explained(identity, kind, holder.value, pair);
      return {
        verdict: 'indeterminate',
        code: String(reply.status),
        ...(reply.status === 429 || reply.status === 503 ? { retryAfterMs: reply.retryAfterMs ?? 1000 } : {}),
      };
    },
  };
}

/**
 * A value that is no pair (the control that must be refused) is shown with the id of a credential that is there: only then is the secret
 * looked at.
 */
async function besideALiveId(kind: CredentialKind, holder: Holder, text: string): Promise<Pair | undefined> {
  const listed = await kind.list(holder.user);
  if (listed.kind !== 'done') return undefined;
  const live = listed.value.find(({ project, expired }) => project === holder.project && !expired);
  return live === undefined ? undefined : { id: live.slot, secret: text };
}

async function explained(identity: Identity, kind: CredentialKind, holder: Holder, pair: Pair): Promise<Probed> {
  const user = await identity.ask({ method: 'GET', path: ['v3', 'users', holder.user] }, [200]);
  if (user.kind !== 'done') return { verdict: 'indeterminate', code: `401-${user.fault.code}` };
  if (member(user.value.body, 'user', 'enabled') === false) return { verdict: 'blocked', code: '401-disabled' };
  const project = await identity.ask({ method: 'GET', path: ['v3', 'projects', holder.project] }, [200]);
  if (project.kind !== 'done') return { verdict: 'indeterminate', code: `401-${project.fault.code}` };
  if (member(project.value.body, 'project', 'enabled') === false) return { verdict: 'blocked', code: '401-project' };
  const listed = await kind.list(holder.user);
  if (listed.kind !== 'done') return { verdict: 'indeterminate', code: `401-${listed.fault.code}` };
  if (listed.value.some(({ slot, expired }) => slot === pair.id && expired)) return { verdict: 'blocked', code: '401-expired' };
  return { verdict: 'rejected', code: '401' };
}

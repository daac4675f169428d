// A login with this password and no other. The service says the same 401 to a wrong password and to a user or domain that is switched off:
// its record tells which.
import type { AccountRef, Capabilities, Io, Probed } from '../../kit/kit.ts';
import { member } from '../../protocols/http/call.ts';
import { giveBack, passwordLogin, wantsMore } from '../../protocols/keystone/auth.ts';
import { errorText, type Identity } from '../../protocols/keystone/identity.ts';
import type { Config } from './config.ts';
import { readUser } from './user.ts';

const passwordPath = 'password';

export function probe(identity: Identity, settings: Config, io: Io): Capabilities['probe'] {
  const refused = new Refusals(settings.lockout?.attempts ?? 0);
  return {
    paths: async () => [{ path: passwordPath, replica: identity.replica }],
    async attempt(account, secret, where) {
      if (where.path !== passwordPath || where.replica !== identity.replica) return { verdict: 'indeterminate', code: 'no-such-path' };
      if (secret.use((bytes) => bytes.length === 0)) return { verdict: 'indeterminate', code: 'empty-secret' };
      const { reply, token } = await passwordLogin(identity.target, io, { id: account.id }, secret, 'unscoped');
      if (token !== undefined) {
        refused.forget(account.id);
        await giveBack(identity.target, io, token);
        return { verdict: 'accepted', code: '201' };
      }
      if (reply.kind !== 'answered') return { verdict: 'indeterminate', code: reply.code };
      if (wantsMore(reply)) return { verdict: 'accepted', code: '401-more-factors' };
      if (reply.status === 401) {
        const probed = await explained(identity, account, errorText(reply));
        // The refusal that fills the count is itself an honest one; those after it are said to any password.
        const locked = probed.verdict === 'rejected' && refused.add(account.id);
        return locked ? { verdict: 'indeterminate', code: '401-perhaps-locked' } : probed;
      }
      return {
        verdict: 'indeterminate',
        code: String(reply.status),
        ...(reply.status === 429 || reply.status === 503 ? { retryAfterMs: reply.retryAfterMs ?? 1000 } : {}),
      };
    },
  };
}

/** A locked user is told the same 401, and no call shows the lock. Our own refusals in a row are all that can be known of it here. */
class Refusals {
  readonly #limit: number;
  readonly #inRow = new Map<string, number>();
  constructor(limit: number) {
    this.#limit = limit;
  }
  /** True: there were enough before this one to have locked the user. */
  add(user: string): boolean {
    const before = this.#inRow.get(user) ?? 0;
    this.#inRow.set(user, before + 1);
    return this.#limit > 0 && before >= this.#limit;
  }
  forget(user: string): void {
    this.#inRow.delete(user);
  }
}

/** What the service says in its own words when it says more than "no". */
export const unauthorizedTexts: readonly { readonly says: RegExp; readonly code: string }[] = [
  { says: /password is expired|expired and needs to be changed/i, code: '401-expired' },
  { says: /account is locked/i, code: '401-locked' },
  { says: /account is disabled/i, code: '401-disabled' },
];

async function explained(identity: Identity, account: AccountRef, text: string): Promise<Probed> {
  const named = unauthorizedTexts.find(({ says }) => says.test(text));
  if (named !== undefined) return { verdict: 'blocked', code: named.code };
  const read = await readUser(identity, account.id);
  // A user that is not there is told like a wrong password; without the record nobody can tell.
  if (read.kind !== 'done') return { verdict: 'indeterminate', code: `401-${read.fault.code}` };
  if (!read.value.user.enabled) return { verdict: 'blocked', code: '401-disabled' };
  const domain = await identity.ask({ method: 'GET', path: ['v3', 'domains', read.value.user.domain] }, [200]);
  if (domain.kind === 'done' && member(domain.value.body, 'domain', 'enabled') === false) return { verdict: 'blocked', code: '401-domain' };
  return { verdict: 'rejected', code: '401' };
}

// The credentials of one user in one project as slots. An orphan of a lost answer is found by its label: the name of an application
// credential, a field inside an EC2 key.
import { type AccountRef, type Capabilities, done, type Outcome, type Slot } from '../../kit/kit.ts';
import { type Holder, holderOf } from './holder.ts';
import type { CredentialKind } from './kind.ts';

export function dualSecret(kind: CredentialKind): Capabilities['dualSecret'] {
  const within = async <T>(account: AccountRef, work: (holder: Holder) => Promise<Outcome<T>>): Promise<Outcome<T>> => {
    const holder = holderOf(account);
    return holder.kind === 'done' ? work(holder.value) : holder;
  };
  return {
    list: (account) =>
      within(account, async ({ user, project }) => {
        const listed = await kind.list(user);
        if (listed.kind !== 'done') return listed;
        return done(
          listed.value
            .filter((each) => each.project === project)
            .map(
              ({ slot, label, expiresAt }): Slot => ({
                slot,
                ...(label === undefined ? {} : { label }),
                ...(expiresAt === undefined ? {} : { expiresAt }),
              }),
            ),
        );
      }),
    issue: (account, sealer, label) => within(account, (holder) => kind.issue(holder, sealer, label)),
    retire: (account, slot) => within(account, (holder) => kind.retire(holder, slot)),
  };
}

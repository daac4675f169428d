// An account here is a user in a project: its credentials open the same things and stand in for each other.
import { type AccountRef, done, type Outcome, refused } from '../../kit/kit.ts';

export type Holder = { readonly user: string; readonly project: string };

const form = /^([\w-]{1,64}):([\w-]{1,64})$/;
export const idOf = ({ user, project }: Holder): string => `${user}:${project}`;

export function holderOf(account: AccountRef): Outcome<Holder> {
  const [, user, project] = form.exec(account.id) ?? [];
  if (user === undefined || project === undefined)
    return refused('not-found', `the account id "${account.id}" is not user:project: run rekey discover`);
  return done({ user, project });
}

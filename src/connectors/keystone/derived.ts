// What a user holds beside its password and keeps through a reset. The server's answer about EC2 keys holds their secrets: only the access ids are taken from it.
import { done, type Outcome } from '../../kit/kit.ts';
import { listAt, textAt } from '../../protocols/http/call.ts';
import type { Identity } from '../../protocols/keystone/identity.ts';

export type Derived = {
  readonly applications: readonly { readonly id: string; readonly name: string }[];
  /** Access ids. */
  readonly keys: readonly string[];
};

export async function derivedOf(identity: Identity, user: string): Promise<Outcome<Derived>> {
  const applications = await identity.ask({ method: 'GET', path: ['v3', 'users', user, 'application_credentials'] }, [200]);
  if (applications.kind !== 'done') return applications;
  const keys = await identity.ask({ method: 'GET', path: ['v3', 'users', user, 'credentials', 'OS-EC2'] }, [200]);
  if (keys.kind !== 'done') return keys;
  return done({
    applications: listAt(applications.value.body, 'application_credentials').flatMap((each) => {
      const id = textAt(each, 'id');
      return id === undefined ? [] : [{ id, name: textAt(each, 'name') ?? '' }];
    }),
    keys: listAt(keys.value.body, 'credentials').flatMap((each) => textAt(each, 'access') ?? []),
  });
}

// The first checks of doctor for an Identity service: it answers, over verified TLS, and takes the login of the Rekey user.
import type { Check, Io } from '../../kit/kit.ts';
import { call, textAt } from '../http/call.ts';
import { protectedBy, unreached } from '../http/checks.ts';
import type { Identity } from './identity.ts';
import type { IdentitySettings } from './settings.ts';

export type Greeted = { readonly own: string; readonly date: Date | undefined };

/** Undefined: later checks cannot run. */
export async function* greeting(
  identity: Identity,
  settings: Pick<IdentitySettings, 'user'>,
  io: Io,
): AsyncGenerator<Check, Greeted | undefined> {
  // Without a login: an answer here is the service itself.
  const version = await call(identity.target, { method: 'GET', path: ['v3'] }, io);
  if (version.kind !== 'answered') {
    yield unreached(version.code, identity.replica);
    return undefined;
  }
  const id = textAt(version.body, 'version', 'id');
  if (version.status !== 200 || id === undefined) {
    yield {
      id: 'reach',
      verdict: 'fail',
      message: `${identity.replica} answers, but not as OpenStack Identity v3 (${version.status})`,
      next: 'Put the address before /v3 in config.url; some clouds have it under /identity.',
    };
    return undefined;
  }
  yield { id: 'reach', verdict: 'ok', message: `${identity.replica} answers: Identity ${id}` };
  yield protectedBy(identity.target.base);
  const me = await identity.me();
  if (me.kind !== 'done') {
    yield {
      id: 'auth',
      verdict: 'fail',
      message: me.fault.message,
      next: 'Check user, domain, project and where config.password points.',
    };
    return undefined;
  }
  yield { id: 'auth', verdict: 'ok', message: `logged in as ${settings.user}` };
  return { own: me.value, date: version.date };
}

// What doctor shows: the Identity service itself, whether credentials can be seen and projects read, and for each owner whether it can log
// in and make some.
import type { Capabilities, Check, Io } from '../../kit/kit.ts';
import { clockCheck } from '../../protocols/http/checks.ts';
import { passwordLogin } from '../../protocols/keystone/auth.ts';
import { greeting } from '../../protocols/keystone/greeting.ts';
import type { Identity } from '../../protocols/keystone/identity.ts';
import type { Config } from './config.ts';
import type { CredentialKind } from './kind.ts';

export function check(identity: Identity, kind: CredentialKind, settings: Config, io: Io): Capabilities['check'] {
  return {
    async *run() {
      const began = io.now();
      const me = yield* greeting(identity, settings, io);
      if (me === undefined) return;
      const listed = await kind.list(me.own);
      yield listed.kind === 'done'
        ? { id: 'rights', verdict: 'ok', message: 'credentials can be listed' }
        : {
            id: 'rights',
            verdict: 'fail',
            message: `credentials cannot be listed: ${listed.fault.message}`,
            next: 'Give the Rekey user the admin role: openstack role add --user rekey --system all admin, and leave config.project out.',
          };
      if (settings.kind === 'application') yield* owners(identity, settings, io);
      if (me.date !== undefined) yield clockCheck(me.date, began, io.now());
    },
  };
}

async function* owners(identity: Identity, settings: Config, io: Io): AsyncGenerator<Check> {
  if (settings.owners.length === 0)
    yield {
      id: 'rights',
      verdict: 'warn',
      message: 'no owner is named: application credentials can be found and deleted, not made',
      next: 'Name each user under config.owners with its password: only the user itself can make one.',
    };
  for (const { user, domain, password } of settings.owners) {
    const secret = await io.resolve(password).catch(() => undefined);
    const login = secret === undefined ? undefined : await passwordLogin(identity.target, io, { name: user, domain }, secret, 'unscoped');
    yield login?.token === undefined
      ? {
          id: 'auth',
          verdict: 'fail',
          message: `${user} cannot log in: its application credentials cannot be made`,
          next: `Put the present password of ${user} where its config.owners entry points.`,
        }
      : { id: 'auth', verdict: 'ok', message: `${user} can log in and make application credentials` };
  }
}

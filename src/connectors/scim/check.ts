// What doctor shows of one SCIM service: reach, TLS, the token, whether passwords can be set at all, and the clock.
import type { Capabilities, Check, Fault, Io } from '../../kit/kit.ts';
import { clockCheck, protectedBy, unreached } from '../../protocols/http/checks.ts';
import type { Config } from './config.ts';
import type { Service } from './service.ts';

export function check(service: Service, settings: Config, io: Io): Capabilities['check'] {
  return {
    async *run() {
      const began = io.now();
      const features = await service.features();
      if (features.kind !== 'done') {
        yield failed(service.replica, features.fault);
        return;
      }
      yield { id: 'reach', verdict: 'ok', message: `${service.replica} answers as a SCIM service` };
      yield protectedBy(service.target.base);
      const users = await service.ask({ method: 'GET', path: ['Users'], query: { startIndex: 1, count: 1, attributes: 'id' } }, [200]);
      if (users.kind !== 'done') {
        yield failed(service.replica, users.fault);
        return;
      }
      yield { id: 'auth', verdict: 'ok', message: 'the token lists users' };
      // Some services show their ServiceProviderConfig to everybody: only this call showed that the token is good.
      if (features.value.password) yield { id: 'policy', verdict: 'ok', message: 'the service sets passwords (changePassword)' };
      else
        yield {
          id: 'policy',
          verdict: settings.assumePassword ? 'warn' : 'fail',
          message: 'the service does not say that it sets passwords',
          next: 'Reset these accounts where they log in; if the service does set passwords, say assumePassword: true and prove it by a login path.',
        };
      if (!features.value.patch)
        yield {
          id: 'rights',
          verdict: 'fail',
          message: 'the service takes no PATCH',
          next: 'Use the generic http connector with its own call.',
        };
      yield {
        id: 'policy',
        verdict: 'warn',
        message: 'SCIM has no login: nothing here proves that an old password is dead',
        next: 'Name the application’s own login as a path of these accounts (http-login, oidc-token).',
      };
      if (features.value.now !== undefined) yield clockCheck(features.value.now, began, io.now());
    },
  };
}

function failed(replica: string, fault: Fault): Check {
  const { target = '', message } = fault;
  if (fault.code === 'auth')
    return { id: 'auth', verdict: 'fail', message, next: 'Put a valid token where config.token points; many services let tokens expire.' };
  if (fault.code === 'permission')
    return { id: 'rights', verdict: 'fail', message, next: 'Give the token the right to read and change users.' };
  if (fault.code === 'unreachable') return unreached(target, replica);
  return {
    id: 'reach',
    verdict: 'fail',
    message,
    next: 'config.url must be the base of the SCIM service: /ServiceProviderConfig is below it.',
  };
}

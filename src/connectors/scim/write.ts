// A password and the switch that deactivates a user, each as one PATCH. A service that does not say it sets passwords is not asked to: it
// may answer 200 and do nothing.
import { type AccountRef, type Capabilities, done, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import { member } from '../../protocols/http/call.ts';
import type { Config } from './config.ts';
import { patchOf, type Service } from './service.ts';

export function setSecret(service: Service, settings: Config): Capabilities['setSecret'] {
  return {
    async set(account, secret) {
      const features = await service.features();
      // Nothing was written: whatever happened to the question, the password is as it was.
      if (features.kind !== 'done') return refused(features.fault.code, features.fault.message, features.fault);
      if (!features.value.password && !settings.assumePassword)
        return refused(
          'unsupported',
          'the service does not say that it sets passwords (changePassword): it might ignore them and answer 200',
        );
      const answer = await secret.text((text) => patch(service, account, 'password', text, [secret]));
      return answer.kind === 'done' ? done(undefined) : answer;
    },
  };
}

export function contain(service: Service): Capabilities['contain'] {
  const switchTo = async (account: AccountRef, active: boolean): Promise<Outcome<void>> => {
    const answer = await patch(service, account, 'active', active);
    if (answer.kind !== 'done') return answer;
    // Some services answer with the user as it is afterwards: one that still says the opposite was not switched.
    const shown = member(answer.value, 'active');
    return shown === undefined || shown === active ? done(undefined) : refused('unsupported', `the service kept active: ${shown === true}`);
  };
  return { block: (account) => switchTo(account, false), unblock: (account) => switchTo(account, true) };
}

async function patch(
  service: Service,
  account: AccountRef,
  path: string,
  value: unknown,
  sent: readonly Secret[] = [],
): Promise<Outcome<unknown>> {
  const answer = await service.ask({ method: 'PATCH', path: ['Users', account.id], json: patchOf(path, value) }, [200, 204], sent);
  return answer.kind === 'done' ? done(answer.value.body) : answer;
}

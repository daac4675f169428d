// When the application locks an account, in the words of the estate file: SCIM shows no failed logins.
import { type Capabilities, done } from '../../kit/kit.ts';
import type { Config } from './config.ts';

export function lockout({ lockout }: Pick<Config, 'lockout'>): Capabilities['lockout'] {
  const threshold = lockout?.attempts;
  // Where nothing is known a login with the new password is not trusted to clear a count either.
  return { read: async () => done({ threshold, failures: threshold === 0 ? 0 : undefined, resetsOnSuccess: threshold !== undefined }) };
}

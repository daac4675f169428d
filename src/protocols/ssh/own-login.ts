// Rekey's own login to a host: its secret is read anew for each connection, and is the new one once Rekey has reset its own account.
import type { z } from 'zod';
import type { Io, Secret } from '../../kit/kit.ts';
import type { secretRef } from '../../kit/settings.ts';
import type { OwnLogin } from './host.ts';

type Settings = {
  readonly user: string;
  readonly privateKey?: z.output<typeof secretRef> | undefined;
  readonly password?: z.output<typeof secretRef> | undefined;
};

export function ownLogin(settings: Settings, io: Io): { readonly login: OwnLogin; keep(kind: 'password' | 'key', secret: Secret): void } {
  const { user, privateKey, password } = settings;
  const kind = privateKey === undefined ? 'password' : 'key';
  let kept: Secret | undefined;
  return {
    async login() {
      const ref = privateKey ?? password;
      if (kept !== undefined) return { user, kind, secret: kept };
      if (ref === undefined) throw new Error('the settings are checked to hold one');
      return { user, kind, secret: await io.resolve(ref) };
    },
    keep(changed, secret) {
      if (changed === kind) kept = secret;
    },
  };
}

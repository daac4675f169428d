// Sign-in of one opened estate: its store, its estate file, its clock.
import { resolveSecret } from '../seal/secret-ref.ts';
import { accessStore } from '../store/access.ts';
import { rateLimits } from '../store/rate-limits.ts';
import { type AccessHouse, accessServices } from './access-services.ts';
import type { Parts } from './parts.ts';

const secretMs = 10_000;

export function accessOf({ estate, demo, store, now }: Parts): AccessHouse {
  const { signIn = {} } = estate;
  const held = signIn.oidc?.clientSecret;
  return accessServices({
    store: accessStore(store),
    estate: estate.name,
    demo,
    signIn,
    clientSecret: async () => {
      if (held === undefined) return undefined;
      const secret = await resolveSecret(held, { folder: estate.folder, env: process.env, timeoutMs: secretMs });
      return secret.text((text) => text);
    },
    attempts: (key, rule) => rateLimits(store).hit(key, rule),
    now,
  });
}

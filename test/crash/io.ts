// The host side of a connection that a sweep opens itself: `own` is the connector's own credential.
import type { Io } from '../../src/kit/connector.ts';
import { secretOf } from '../../src/seal/secret.ts';
import type { Reach } from './target.ts';

export const io = (reach: Reach, own = 'none'): Io => ({
  ...reach,
  now: () => new Date(),
  resolve: async () => secretOf('own', own),
  path: (relative) => relative,
});

/** A target whose client says of a refusal no more than that it did not open. */
export async function opens(session: () => Promise<{ end(): unknown }>): Promise<boolean> {
  try {
    (await session()).end();
    return true;
  } catch {
    return false;
  }
}

/** Names for so many points. */
export const names = (count: number, prefix = 'app-'): string[] => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

// Tells listening consumers to read their row again: notify:channel.
import { done, type Outcome, refused } from '../../kit/kit.ts';
import type { Sessions } from './session.ts';

export async function notify(reload: string, open: Sessions): Promise<Outcome<void>> {
  // 63 bytes is what the server takes for a channel.
  const channel = /^notify:([A-Za-z_][A-Za-z0-9_]{0,62})$/.exec(reload)?.[1];
  if (channel === undefined) return refused('unsupported', `"${reload}" is no reload of a table; write notify:channel, or leave it empty`);
  return open(async (session) => {
    session.phase = 'committing';
    await session.client.query('SELECT pg_notify($1, $2)', [channel, '']);
    return done(undefined);
  });
}

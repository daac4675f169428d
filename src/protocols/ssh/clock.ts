// The host's own time, which its records and sessions are dated by.
import { done, type Outcome, refused } from '../../kit/kit.ts';
import { exitOf, type Host, ran } from './host.ts';

export async function clockOf(host: Host): Promise<Outcome<Date>> {
  const exit = exitOf(await host.ask({ argv: ['date', '+%s.%N'] }));
  if (!ran(exit)) return exit;
  // Not every date knows %N: the seconds are enough.
  const seconds = Number.parseFloat(exit.out);
  return Number.isFinite(seconds) ? done(new Date(seconds * 1000)) : refused('protocol', 'the host did not say its time');
}

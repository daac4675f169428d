// How long ago, with the exact UTC time: beside it, or in its title where there is no room.
import { useNow } from './clock.ts';
import { exactUtc, spanOf } from './times.ts';

export function Since({ at, exact = false, ahead = 'in' }: { readonly at: string; readonly exact?: boolean; readonly ahead?: string }) {
  const now = useNow();
  const ms = now - Date.parse(at);
  const words = ms < 0 ? `${ahead} ${spanOf(-ms)}` : ms < 1500 ? 'just now' : `${spanOf(ms)} ago`;
  return (
    <time dateTime={at} title={exactUtc(at)} className="figures">
      {words}
      {exact ? ` (${exactUtc(at)})` : null}
    </time>
  );
}

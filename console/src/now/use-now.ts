// The commander's picture. Live events make it old; where the line is down it is asked again every 10 s, so that "how old" stays honest.
import { useQuery } from '@tanstack/react-query';
import { api, got, type Schemas } from '../api/client.ts';
import { useLive } from '../live/use-live.ts';
import { useMay } from '../sign-in/session.ts';

export type Now = Schemas['Now'];

const whileLost = 10_000;
/** With a live line only the clocks of the server move: a system that waits says nothing. */
const whileLive = 30_000;

export function useNowView() {
  const { kind } = useLive();
  return useQuery({
    queryKey: ['now'],
    enabled: useMay('run.read') !== undefined,
    queryFn: ({ signal }) => got(api.GET('/v1/now', { signal })),
    refetchInterval: kind === 'live' ? whileLive : whileLost,
  });
}

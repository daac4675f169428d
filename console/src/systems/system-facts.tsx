// The system's limits, where its own credentials come from (by kind only), and what kinds of accounts it holds.
import type { Schemas } from '../api/client.ts';
import { Facts } from '../table/facts.tsx';
import { number } from '../words/times.ts';

type Detail = Schemas['SystemDetail'];
type Source = Detail['secrets'][number]['from'];

const sources: Readonly<Record<Source, string>> = {
  command: 'from a command',
  vault: 'from the vault',
  file: 'from a file',
  environment: 'from the environment',
};

export function SystemFacts({ system: { limits, secrets, kinds, connector } }: { readonly system: Detail }) {
  const said = (key: string): string => (limits?.fromEstate.includes(key) ? 'from rekey.yaml' : 'default of the connector');
  return (
    <Facts
      of={[
        ['Connector', connector],
        ...(limits === null
          ? []
          : ([
              ['At a time', `${limits.concurrency} (${said('concurrency')})`],
              ['Per second', limits.perSecond === null ? 'as fast as the target allows' : `${limits.perSecond} (from rekey.yaml)`],
              ['A call may take', limits.timeoutMs === null ? '10 s (default)' : `${limits.timeoutMs / 1000} s (from rekey.yaml)`],
            ] as const)),
        ...secrets.map(({ key, from }) => [key, sources[from]] as const),
        ['Accounts by kind', kinds.length === 0 ? 'none' : kinds.map(({ kind, count }) => `${kind} ${number(count)}`).join(', ')],
      ]}
    />
  );
}

// The system's limits, where its own credentials come from (by kind only), and what kinds of accounts it holds.

import css from '../accounts/accounts.module.css';
import type { Schemas } from '../api/client.ts';
import { number } from '../words/times.ts';

type Detail = Schemas['SystemDetail'];

export function SystemFacts({ system: { limits, secrets, kinds, connector } }: { readonly system: Detail }) {
  const said = (key: string): string => (limits?.fromEstate.includes(key) ? 'from rekey.yaml' : 'default of the connector');
  return (
    <dl className={css.facts}>
      <dt>Connector</dt>
      <dd>{connector}</dd>
      {limits === null ? null : (
        <>
          <dt>At a time</dt>
          <dd>
            {limits.concurrency} ({said('concurrency')})
          </dd>
          <dt>Per second</dt>
          <dd>{limits.perSecond === null ? 'as fast as the target allows' : `${limits.perSecond} (from rekey.yaml)`}</dd>
          <dt>A call may take</dt>
          <dd>{limits.timeoutMs === null ? '10 s (default)' : `${limits.timeoutMs / 1000} s (from rekey.yaml)`}</dd>
        </>
      )}
      {secrets.map(({ key, from }) => (
        <div key={key} style={{ display: 'contents' }}>
          <dt>{key}</dt>
          <dd>
            {from === 'command'
              ? 'from a command'
              : from === 'vault'
                ? 'from the vault'
                : from === 'file'
                  ? 'from a file'
                  : 'from the environment'}
          </dd>
        </div>
      ))}
      <dt>Accounts by kind</dt>
      <dd>{kinds.length === 0 ? 'none' : kinds.map(({ kind, count }) => `${kind} ${number(count)}`).join(', ')}</dd>
    </dl>
  );
}

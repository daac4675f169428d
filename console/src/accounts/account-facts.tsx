// The facts of an account, with its blockers first and in whole sentences.
import { Alert, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Since } from '../words/since.tsx';
import css from './accounts.module.css';
import { quoted } from './clauses.ts';
import type { Account } from './columns.tsx';
import { Marks } from './marks.tsx';

const blockers: Readonly<Record<string, string>> = {
  'no-owner': 'Nobody owns it. A plan leaves it out until exactly one owner is declared.',
  'two-owners': 'More than one owner is declared. A plan leaves it out until one is withdrawn.',
  'owner-disabled': 'Every account of its owner is disabled or gone. Declare who takes it over.',
  shared: 'Several people use it. A plan leaves it out until its retirement is approved (tag shared-ok).',
};

export function AccountFacts({ account }: { readonly account: Account }) {
  const marks = [
    account.exposed ? 'exposed' : '',
    account.privileged ? 'privileged' : '',
    account.shared ? 'shared' : '',
    account.enabled ? '' : 'disabled',
  ].filter(Boolean);
  return (
    <>
      {account.blockers.length === 0 ? null : (
        <Alert
          color="red"
          variant="outline"
          title={account.blockers.length === 1 ? 'A plan would leave it out' : 'A plan would leave it out, for more than one reason'}
        >
          {account.blockers.map((blocker) => (
            <Text key={blocker} size="sm">
              {blockers[blocker] ?? blocker}
            </Text>
          ))}
        </Alert>
      )}
      <dl className={css.facts}>
        <dt>Account</dt>
        <dd>{account.account}</dd>
        <dt>System</dt>
        <dd>
          <Link to="/systems/$system" params={{ system: account.system }}>
            {account.system}
          </Link>
        </dd>
        <dt>Id at the target</dt>
        <dd>{account.id}</dd>
        <dt>Owner</dt>
        <dd>{account.owner ?? 'no single owner'}</dd>
        <dt>Person</dt>
        <dd>
          {account.person === null ? (
            (account.personWhy ?? 'not told')
          ) : (
            <Link to="/accounts" search={{ where: `person = ${quoted(account.person)}` }}>
              {account.person}
            </Link>
          )}
        </dd>
        <dt>Kind</dt>
        <dd>
          {account.kind}, {account.managed}-managed, tier {account.tier}
        </dd>
        <dt>Marks</dt>
        <dd>{marks.length === 0 ? 'none' : <Marks marks={marks} />}</dd>
        <dt>Tags</dt>
        <dd>{account.tags.join(', ') || 'none'}</dd>
        <dt>Last change</dt>
        <dd>{account.lastChangedAt === null ? 'not known' : <Since at={account.lastChangedAt} exact />}</dd>
        <dt>Version</dt>
        <dd>{account.version === 0 ? 'never set by Rekey' : `v${account.version}`}</dd>
      </dl>
    </>
  );
}

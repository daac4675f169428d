// The facts of an account, with its blockers first and in whole sentences.
import { Alert, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Facts } from '../table/facts.tsx';
import { Since } from '../words/since.tsx';
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
      <Facts
        of={[
          ['Account', account.account],
          [
            'System',
            <Link key="system" to="/systems/$system" params={{ system: account.system }}>
              {account.system}
            </Link>,
          ],
          ['Id at the target', account.id],
          ['Owner', account.owner ?? 'no single owner'],
          [
            'Person',
            account.person === null ? (
              (account.personWhy ?? 'not told')
            ) : (
              <Link key="person" to="/accounts" search={{ where: `person = ${quoted(account.person)}` }}>
                {account.person}
              </Link>
            ),
          ],
          ['Kind', `${account.kind}, ${account.managed}-managed, tier ${account.tier}`],
          ['Marks', marks.length === 0 ? 'none' : <Marks key="marks" marks={marks} />],
          ['Tags', account.tags.join(', ') || 'none'],
          ['Last change', account.lastChangedAt === null ? 'not known' : <Since key="changed" at={account.lastChangedAt} exact />],
          ['Version', account.version === 0 ? 'never set by Rekey' : `v${account.version}`],
        ]}
      />
    </>
  );
}

// What is selected, said as number and filter, and what can be done with it.
import { Button, Code, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMay } from '../sign-in/session.ts';
import { CliTwin } from '../words/cli-twin.tsx';
import { count, number } from '../words/times.ts';
import css from './accounts.module.css';
import { selectorOf } from './clauses.ts';
import { nothing, type Selected } from './selected.ts';

/** A filter that names rows one by one may hold as many as an address can carry. */
const mostByName = 200;

export type SelectionBarProps = {
  readonly selected: Selected;
  readonly select: (selected: Selected) => void;
  readonly where: string;
  readonly total: number | undefined;
};

export function SelectionBar({ selected, select, where, total }: SelectionBarProps) {
  const mayPlan = useMay('plan.create') !== undefined;
  if (selected.kind === 'some' && selected.rows.size === 0) return null;
  const rows = selected.kind === 'some' ? [...selected.rows.values()] : [];
  const n = selected.kind === 'some' ? rows.length : total;
  const selector = selected.kind === 'some' ? selectorOf(rows) : selected.where;
  const tooMany = selected.kind === 'some' && rows.length > mostByName;
  return (
    <section className={css.bar} aria-label="Selection">
      <Group gap="sm" wrap="wrap">
        <Text size="sm" role="status">
          {selected.kind === 'some' ? (
            <>
              These <b>{number(rows.length)}</b>
            </>
          ) : (
            <>
              All <b>{n === undefined ? '…' : number(n)}</b> that match: <Code>{selected.where}</Code>
            </>
          )}
        </Text>
        {selected.kind === 'some' && total !== undefined && total > rows.length ? (
          <Button size="compact-sm" variant="default" onClick={() => select({ kind: 'all', where })}>
            Select all {number(total)} that match {where === 'all' ? 'no filter' : 'the filter'}
          </Button>
        ) : null}
        <Button size="compact-sm" variant="default" onClick={() => select(nothing)}>
          Select none
        </Button>
        <Button size="compact-sm" variant="default" component="a" href={exportHref(selector)} download="accounts.csv" disabled={tooMany}>
          Export as CSV
        </Button>
        {mayPlan && !tooMany ? (
          <Button size="compact-sm" renderRoot={(props) => <Link to="/plans/new" search={{ where: selector }} {...props} />}>
            Plan a reset of {selected.kind === 'some' ? `these ${number(rows.length)}` : n === undefined ? 'all' : `all ${number(n)}`}
          </Button>
        ) : null}
      </Group>
      {tooMany ? (
        <Text size="sm">
          {count(rows.length, 'row')} are too many to name one by one (at most {mostByName}). Narrow the filter and select all that match.
        </Text>
      ) : (
        <CliTwin words={['rekey', 'plan', '--where', selector, '--reason', 'REASON']} />
      )}
    </section>
  );
}

export const exportHref = (where: string): string => `/v1/accounts.csv?where=${encodeURIComponent(where)}`;

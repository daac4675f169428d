// The filter as people write it, with quick ways to add the usual conditions. What cannot be read is said where it was typed, and the list stays as it was.
import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, got } from '../api/client.ts';
import { Refusal } from '../api/refusal.ts';
import { states } from '../words/states.ts';
import { count } from '../words/times.ts';
import css from './accounts.module.css';
import { clausesOf, valueIn, withClause, withoutClause, withValue } from './clauses.ts';

const quick = [
  { name: 'Exposed', clause: 'exposed' },
  { name: 'Privileged', clause: 'privileged' },
  { name: 'No single owner', clause: 'owner = none' },
  { name: 'Blocked by owner or sharing', clause: '(owner = none or (shared and not tag:shared-ok))' },
] as const;
const kinds = ['human', 'service', 'application', 'agent', 'vendor', 'shared', 'unknown'];
const choices = [
  { field: 'tier', label: 'Tier', any: 'Any tier', values: ['0', '1', '2', '3'] },
  { field: 'kind', label: 'Kind', any: 'Any kind', values: kinds },
  { field: 'state', label: 'State in its last run', any: 'Any state', values: ['none', ...Object.keys(states.item)] },
] as const;

export const isUnreadable = (error: unknown): error is Refusal =>
  error instanceof Refusal && (error.code === 'invalid-selector' || error.code === 'usage');

export type FilterProps = {
  readonly where: string;
  readonly change: (where: string) => void;
  readonly error: unknown;
  /** Folded until it is asked for: it would take half of a telephone's screen. */
  readonly narrow: boolean;
};

export function Filter({ where, change, error, narrow }: FilterProps) {
  const [unfolded, unfold] = useState(false);
  const [typed, type] = useState(where);
  useEffect(() => type(where), [where]);
  const systems = useQuery({ queryKey: ['systems'], queryFn: ({ signal }) => got(api.GET('/v1/systems', { signal })) });
  const clauses = clausesOf(where);
  const refused = isUnreadable(error) ? error : undefined;
  const names = (systems.data?.items ?? []).filter((s) => s.role !== 'store' && s.role !== 'path').map((s) => s.system);
  const fields = (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change(typed.trim() === '' ? 'all' : typed);
        }}
      >
        <Group gap="xs" align="flex-start" wrap="wrap">
          <TextInput
            className={css.where}
            aria-label="Filter: conditions on accounts"
            placeholder="system = corp-ldap and tier <= 1 and not tag:exempt"
            data-search
            value={typed}
            onChange={(event) => type(event.currentTarget.value)}
            spellCheck={false}
            autoComplete="off"
            error={
              refused === undefined
                ? undefined
                : `${refused.message}${refused.place === undefined ? '' : ` (${refused.place})`}${refused.hint === undefined ? '' : `. ${refused.hint}`}`
            }
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          />
          <Button type="submit" variant="default">
            Filter
          </Button>
          <Button variant="subtle" onClick={() => change('all')} disabled={where === 'all'}>
            Clear
          </Button>
        </Group>
      </form>
      <Group gap="xs" wrap="wrap">
        <NativeSelect
          size="xs"
          aria-label="System"
          value={valueIn(where, 'system') ?? ''}
          data={[{ value: '', label: 'Any system' }, ...names.map((name) => ({ value: name, label: name }))]}
          onChange={(event) => change(withValue(where, 'system', event.currentTarget.value || null))}
        />
        {choices.map(({ field, label, any, values }) => (
          <NativeSelect
            key={field}
            size="xs"
            aria-label={label}
            value={valueIn(where, field) ?? ''}
            data={[
              { value: '', label: any },
              ...values.map((value) => ({
                value,
                label: field === 'tier' ? `Tier ${value}` : value === 'none' ? 'never in a run' : value,
              })),
            ]}
            onChange={(event) => change(withValue(where, field, event.currentTarget.value || null))}
          />
        ))}
        {quick.map(({ name, clause }) => {
          const on = clauses.includes(clause);
          return (
            <Button
              key={name}
              size="xs"
              variant={on ? 'filled' : 'default'}
              aria-pressed={on}
              onClick={() => change(on ? withoutClause(where, clause) : withClause(where, clause))}
            >
              {name}
            </Button>
          );
        })}
      </Group>
    </>
  );
  return (
    <Stack gap={6} role="search" aria-label="Filter of accounts">
      {narrow ? (
        <details className={css.folded} open={unfolded || refused !== undefined} onToggle={(event) => unfold(event.currentTarget.open)}>
          <summary>Filter: {clauses.length === 0 ? 'off' : `${count(clauses.length, 'condition')} on`}</summary>
          <Stack gap={6}>{fields}</Stack>
        </details>
      ) : (
        fields
      )}
    </Stack>
  );
}

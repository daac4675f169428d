// The waves in their order: how many credentials on which systems, and how long each is expected to take.
import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type Column, Rows } from '../table/rows.tsx';
import { number, spanOf } from '../words/times.ts';
import type { Plan } from './plan-words.ts';
import css from './plans.module.css';

type Wave = Plan['waves'][number];

/** More systems than this in one wave are counted, not listed, until somebody opens them. */
const mostSystems = 8;

const columns: readonly Column<Wave>[] = [
  { name: 'Wave', heads: true, cell: ({ n, name }) => `${n} ${name}` },
  { name: 'Credentials', numeric: true, cell: ({ items }) => number(items) },
  { name: 'By hand', numeric: true, cell: ({ byHand }) => number(byHand) },
  { name: 'Takes about', numeric: true, cell: ({ items, seconds }) => (items === 0 ? 'as people take' : spanOf(seconds * 1000)) },
  { name: 'Order', cell: ({ mode }) => (mode === 'contain' ? 'old value first' : 'consumers first') },
  { name: 'Systems', cell: (wave) => <Systems systems={wave.systems} /> },
];

export function PlanWaves({ waves }: { readonly waves: Plan['waves'] }) {
  if (waves.length === 0) return <Text size="sm">No wave: nothing would be done.</Text>;
  return <Rows caption="Waves of the plan" columns={columns} rows={waves} keyOf={({ n }) => String(n)} />;
}

function Systems({ systems }: { readonly systems: Wave['systems'] }) {
  if (systems.length > mostSystems)
    return (
      <details>
        <summary>{systems.length} systems</summary>
        <List systems={systems} />
      </details>
    );
  return <List systems={systems} />;
}

function List({ systems }: { readonly systems: Wave['systems'] }) {
  return (
    <ul className={css.systems}>
      {systems.map(({ system, items, seconds }) => (
        <li key={system}>
          <Link to="/systems/$system" params={{ system }}>
            {system}
          </Link>{' '}
          {number(items)}, {spanOf(seconds * 1000)}
        </li>
      ))}
    </ul>
  );
}

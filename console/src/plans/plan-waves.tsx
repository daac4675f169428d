// The waves in their order: how many credentials on which systems, and how long each is expected to take.
import { List, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { count, number, spanOf } from '../words/times.ts';
import type { Plan } from './plan-words.ts';

/** More systems than this in one wave are counted, not listed, until somebody opens them. */
const mostSystems = 8;

export function PlanWaves({ waves }: { readonly waves: Plan['waves'] }) {
  if (waves.length === 0) return <Text size="sm">No wave: nothing would be done.</Text>;
  return (
    <List spacing={8} listStyleType="none" size="sm">
      {waves.map((wave) => (
        <List.Item key={wave.n}>
          <Text size="sm" fw={600}>
            Wave {wave.n} {wave.name}
          </Text>
          <Text size="sm">
            {wave.byHand > 0 ? `☐ ${count(wave.byHand, 'task')} for people; the run does not wait for them. ` : ''}
            {wave.items > 0 ? `~ ${count(wave.items, 'credential')}, ${wave.mode}, about ${spanOf(wave.seconds * 1000)}` : ''}
          </Text>
          {wave.systems.length > mostSystems ? (
            <details>
              <summary>{wave.systems.length} systems</summary>
              <Systems systems={wave.systems} />
            </details>
          ) : (
            <Systems systems={wave.systems} />
          )}
        </List.Item>
      ))}
    </List>
  );
}

function Systems({ systems }: { readonly systems: Plan['waves'][number]['systems'] }) {
  return (
    <List size="sm" listStyleType="none" withPadding>
      {systems.map(({ system, items, seconds }) => (
        <List.Item key={system}>
          <Link to="/systems/$system" params={{ system }}>
            {system}
          </Link>
          : {number(items)}, about {spanOf(seconds * 1000)}
        </List.Item>
      ))}
    </List>
  );
}

// Short words about an account. What blocks a reset stands out; a word is never only a colour.
import { Badge, Group } from '@mantine/core';

const loud: Readonly<Record<string, string>> = { exposed: 'red', 'no owner': 'red', 'two owners': 'red', 'owner disabled': 'red' };

export function Marks({ marks }: { readonly marks: readonly string[] }) {
  return (
    <Group gap={4} wrap="nowrap">
      {marks.map((mark) => (
        <Badge
          key={mark}
          size="sm"
          radius="sm"
          variant="outline"
          tt="none"
          color={loud[mark] ?? 'gray'}
          c={loud[mark] === undefined ? 'var(--rk-calm)' : 'var(--rk-bad)'}
        >
          {mark}
        </Badge>
      ))}
    </Group>
  );
}

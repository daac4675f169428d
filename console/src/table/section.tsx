// A part of a screen under a heading of its own, so that people and screen readers can go from part to part.
import { Group, Stack, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';

export function Section({
  title,
  beside,
  children,
}: {
  readonly title: string;
  readonly beside?: ReactNode;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <Stack component="section" gap="xs" aria-labelledby={id}>
      <Group justify="space-between" gap="xs" wrap="wrap">
        <Title order={2} size="h4" id={id}>
          {title}
        </Title>
        {beside}
      </Group>
      {children}
    </Stack>
  );
}

// A titled part of a page.
import { Paper, Stack, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';

export function Section({ title, id, children }: { readonly title: string; readonly id?: string; readonly children: ReactNode }) {
  const heading = useId();
  return (
    <Paper component="section" withBorder p="sm" aria-labelledby={heading} id={id}>
      <Stack gap="xs">
        <Title order={2} size="h4" id={heading}>
          {title}
        </Title>
        {children}
      </Stack>
    </Paper>
  );
}

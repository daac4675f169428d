// A part that few people need at first: closed until it is asked for, by the browser's own means, so that find-in-page opens it.
import { Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import css from './folded.module.css';

export function Folded({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <details className={css.folded}>
      <summary>
        <Title order={2} size="h4" component="h2" className={css.title}>
          {title}
        </Title>
      </summary>
      <Stack gap="xs" mt="xs">
        {children}
      </Stack>
    </details>
  );
}

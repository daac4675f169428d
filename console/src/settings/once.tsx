// Something secret that is shown once: to copy, then to close. It is kept nowhere and is gone when this is closed.
import { Alert, Button, Code, CopyButton, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

export function Once({
  title,
  value,
  children,
  done,
}: {
  readonly title: string;
  readonly value: string;
  readonly children: ReactNode;
  readonly done: () => void;
}) {
  return (
    <Alert color="teal" variant="outline" title={title} role="status">
      <Stack gap="xs">
        <Text size="sm">{children}</Text>
        <Code block tabIndex={0} aria-label={title} data-once>
          {value}
        </Code>
        <Group gap="sm">
          <CopyButton value={value} timeout={2000}>
            {({ copied, copy }) => (
              <Button size="compact-md" onClick={copy}>
                <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
              </Button>
            )}
          </CopyButton>
          <Button size="compact-md" variant="default" onClick={done}>
            I have it, hide it
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

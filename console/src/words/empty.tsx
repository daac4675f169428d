// Why a list is empty. Four different things that look alike elsewhere: none there, hidden by the filter, not begun, cannot be read.
import { Button, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { CliTwin } from './cli-twin.tsx';
import { Since } from './since.tsx';
import { count } from './times.ts';
import { Trouble } from './trouble.tsx';

export type EmptyWhy =
  | { readonly why: 'none'; readonly action?: ReactNode; readonly twin?: readonly string[] }
  /** `hidden` is how many the filter hides, where the server counted them. */
  | { readonly why: 'filtered'; readonly hidden?: number; readonly clear: () => void }
  | { readonly why: 'not-run'; readonly action?: ReactNode; readonly twin?: readonly string[] }
  | { readonly why: 'cannot-load'; readonly error: unknown; readonly since?: string; readonly again: () => void };

/** `what` says what the list holds: "Accounts that failed". `children` is one sentence for somebody who sees it for the first time. */
export function Empty({ what, children, ...why }: { readonly what: string; readonly children?: ReactNode } & EmptyWhy) {
  return (
    <Stack gap="xs" className="empty" data-why={why.why}>
      <Text fw={600}>{headline(what, why)}</Text>
      {children === undefined ? null : (
        <Text size="sm" c="dimmed">
          {children}
        </Text>
      )}
      {why.why === 'filtered' ? (
        <div>
          <Button size="compact-sm" variant="default" onClick={why.clear}>
            Clear the filter
          </Button>
        </div>
      ) : null}
      {why.why === 'cannot-load' ? (
        <>
          {why.since === undefined ? null : (
            <Text size="sm">
              Last seen <Since at={why.since} exact />
            </Text>
          )}
          <Trouble error={why.error} again={why.again} />
        </>
      ) : null}
      {why.why === 'none' || why.why === 'not-run' ? (
        <>
          {why.action}
          {why.twin === undefined ? null : <CliTwin words={why.twin} label="By command:" />}
        </>
      ) : null}
    </Stack>
  );
}

function headline(what: string, why: EmptyWhy): string {
  switch (why.why) {
    case 'none':
      return `${what}: none.`;
    case 'filtered':
      return why.hidden === undefined
        ? `${what}: the filter hides all of them.`
        : `${what}: the filter hides ${count(why.hidden, 'entry', 'entries')}.`;
    case 'not-run':
      return `${what}: nothing has run yet.`;
    case 'cannot-load':
      return `${what}: cannot be loaded.`;
  }
}

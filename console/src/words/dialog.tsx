// A dialog with a name, a way out by Esc and by a button, and the focus kept inside; when it goes, the focus goes back to what opened it.
import { Drawer, Group, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFocusBack } from './focus-back.ts';

export type DialogProps = {
  readonly close: () => void;
  readonly title: string;
  readonly children: ReactNode;
  /** `side`: beside the page, for what belongs to one row of it. */
  readonly at?: 'middle' | 'side';
  readonly size?: string | number;
  readonly opened?: boolean;
};

/** Mantine's own header is a `<header>`, which assistive software takes for a second banner of the page. */
export function Dialog({ close, title, children, at = 'middle', size = 'lg', opened = true }: DialogProps) {
  const Kind = at === 'middle' ? Modal : Drawer;
  useFocusBack(opened);
  return (
    <Kind.Root
      opened={opened}
      onClose={close}
      returnFocus={false}
      size={size}
      {...(at === 'middle' ? { centered: true } : { position: 'right' })}
    >
      <Kind.Overlay />
      <Kind.Content>
        <Group justify="space-between" wrap="nowrap" px="md" pt="md" pb="xs" align="flex-start">
          <Kind.Title fw={700}>{title}</Kind.Title>
          <Kind.CloseButton aria-label="Close" />
        </Group>
        <Kind.Body>{children}</Kind.Body>
      </Kind.Content>
    </Kind.Root>
  );
}

// ⌘K: one field that goes to any screen, run, plan or account and does what the header does. Arrow keys and Enter, or the mouse.
import { Modal, ScrollArea, Text, TextInput, useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useId, useState } from 'react';
import { queries } from '../api/queries.ts';
import { useFocusBack } from '../words/focus-back.ts';
import css from './palette.module.css';
import { type Entry, useEntries } from './palette-entries.ts';

type PaletteProps = { readonly close: () => void; readonly openKeys: () => void };

export function Palette({ close, openKeys }: PaletteProps) {
  useFocusBack(true);
  return (
    <Modal.Root opened onClose={close} returnFocus={false} size="lg" yOffset="8vh">
      <Modal.Overlay />
      <Modal.Content aria-label="Go to">
        <Field close={close} openKeys={openKeys} />
      </Modal.Content>
    </Modal.Root>
  );
}

function Field({ close, openKeys }: PaletteProps) {
  const [typed, type] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();
  const [asked] = useDebouncedValue(typed, 150);
  const { entries, asking } = useEntries(typed, asked, useActions(openKeys));
  const index = Math.min(at, entries.length - 1);
  const run = (entry: Entry | undefined): void => {
    if (entry === undefined) return;
    close();
    entry.go();
  };
  const pressed = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && entries.length > 0) {
      event.preventDefault();
      setAt((index + step + entries.length) % entries.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(entries[index]);
    }
  };
  return (
    <>
      <TextInput
        size="md"
        placeholder="A screen, run, plan, system, account or action"
        aria-label="Go to"
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={entries[index] === undefined ? undefined : `${list}-${index}`}
        autoComplete="off"
        data-autofocus
        value={typed}
        onChange={(event) => {
          type(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={pressed}
      />
      <ScrollArea.Autosize mah="60vh" viewportProps={{ tabIndex: -1 }}>
        <div role="listbox" id={list} aria-label="Found" className={css.list}>
          {entries.map((entry, position) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus and takes the keys
            <div
              key={`${entry.group}/${entry.key}`}
              id={`${list}-${position}`}
              role="option"
              tabIndex={-1}
              aria-selected={position === index}
              className={css.entry}
              onClick={() => run(entry)}
            >
              <span className={css.group}>{entry.group}</span>
              <span>{entry.name}</span>
              {entry.detail === undefined ? null : <span className={css.detail}>{entry.detail}</span>}
            </div>
          ))}
        </div>
        <Text size="sm" c="dimmed" px="md" pb="sm" role="status">
          {entries.length > 0 ? '' : asking ? 'Looking …' : 'Nothing of that name.'}
        </Text>
      </ScrollArea.Autosize>
    </>
  );
}

function useActions(openKeys: () => void): readonly Entry[] {
  const { setColorScheme } = useMantineColorScheme();
  const navigate = useNavigate();
  const action = (name: string, go: () => void): Entry => ({ key: name, group: 'Actions', name, go });
  const pause = document.querySelector<HTMLButtonElement>('button.pause:not(:disabled)');
  return [
    ...(pause === null ? [] : [action(`${pause.textContent} the run`, () => pause.click())]),
    action('Wallboard', () => void navigate({ to: '/wallboard' })),
    action('Read everything again', () => void queries.invalidateQueries()),
    action('Light colours', () => setColorScheme('light')),
    action('Dark colours', () => setColorScheme('dark')),
    action('Colours as the system has them', () => setColorScheme('auto')),
    action('Keys', openKeys),
  ];
}

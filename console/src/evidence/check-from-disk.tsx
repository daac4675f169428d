// Checks a bundle that somebody was handed: a folder or a .tar, chosen or dropped. Nothing is uploaded.
import { Button, FileButton, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type DragEvent, useRef, useState } from 'react';
import { Section } from '../table/section.tsx';
import { CliTwin } from '../words/cli-twin.tsx';
import { Trouble } from '../words/trouble.tsx';
import { checkBundle } from './check.ts';
import css from './check-from-disk.module.css';
import { Checked } from './checked.tsx';
import { bundleOf, filesDropped } from './dropped.ts';

export function CheckFromDisk() {
  const [key, setKey] = useState('');
  const [over, setOver] = useState(false);
  const folder = useRef<HTMLInputElement>(null);
  const checking = useMutation({ mutationFn: async (files: readonly File[]) => checkBundle(await bundleOf(files), key.trim()) });
  const take = (files: readonly File[]): void => {
    if (files.length > 0) checking.mutate(files);
  };
  const dropped = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    void filesDropped(event.dataTransfer).then(take);
  };
  return (
    <Section title="Check a bundle from disk">
      <Text size="sm">For whoever was handed one. It is read in this browser and goes nowhere; it need not come from this server.</Text>
      <TextInput
        label="Key you know from elsewhere"
        description="As rekey prove printed it, from a person you trust. Left empty, the bundle’s own key is believed, and the result says so."
        placeholder="rekey/acme+1a2b3c4d+A…"
        value={key}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setKey(event.currentTarget.value)}
      />
      <Stack
        className={css.drop}
        data-over={over}
        gap="xs"
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={dropped}
      >
        <Group gap="sm">
          <FileButton accept=".tar,application/x-tar" onChange={(file) => take(file === null ? [] : [file])}>
            {(props) => (
              <Button {...props} variant="default">
                Choose a .tar
              </Button>
            )}
          </FileButton>
          <Button variant="default" onClick={() => folder.current?.click()}>
            Choose a folder
          </Button>
          <input
            ref={folder}
            type="file"
            hidden
            aria-label="Folder of a bundle"
            {...{ webkitdirectory: '' }}
            onChange={(event) => take([...(event.currentTarget.files ?? [])])}
          />
          <Text size="sm" c="dimmed">
            or drop it here
          </Text>
        </Group>
        {checking.isPending ? (
          <Text size="sm" role="status">
            Checking…
          </Text>
        ) : null}
        {checking.isError ? <Trouble error={checking.error} /> : null}
        {checking.isSuccess ? <Checked of={checking.data} /> : null}
      </Stack>
      <CliTwin words={['rekey', 'evidence', 'verify', 'DIR', ...(key.trim() === '' ? [] : ['--key', key.trim()])]} />
    </Section>
  );
}

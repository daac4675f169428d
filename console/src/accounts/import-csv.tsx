// Brings in what only people know, from a CSV: every bad row is shown with its line, and nothing is taken unless the whole file is good or that is what is asked for.
import { Button, Checkbox, FileInput, Group, List, NativeSelect, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, got, type Schemas } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { Refusal } from '../api/refusal.ts';
import { useMay } from '../sign-in/session.ts';
import { CliTwin } from '../words/cli-twin.tsx';
import { Dialog } from '../words/dialog.tsx';
import { count, number } from '../words/times.ts';
import { Trouble } from '../words/trouble.tsx';

const kinds = [
  { value: 'owners', label: 'Owners', columns: 'system,account,identity,kind,owner,manager,tier,tags' },
  { value: 'consumers', label: 'Consumers', columns: 'system,account,consumer,store,ref,owner,reload,health' },
  { value: 'exposed', label: 'Exposed credentials', columns: 'system,account[,secret]' },
  { value: 'people', label: 'People', columns: 'system,account,person' },
] as const;
type Kind = (typeof kinds)[number]['value'];
/** More than this nobody reads; the command prints them all. */
const mostShown = 200;

export function ImportCsv() {
  const [opened, { open, close }] = useDisclosure();
  const [kind, setKind] = useState<Kind>('owners');
  const [file, setFile] = useState<File | null>(null);
  const [partial, setPartial] = useState(false);
  const may = useMay('estate.import') !== undefined;
  const importing = useMutation({ mutationFn: send, onSuccess: () => queries.invalidateQueries({ queryKey: ['accounts'] }) });
  if (!may) return null;
  const { columns } = kinds.find((each) => each.value === kind) ?? kinds[0];
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={open}>
        Import
      </Button>
      <Dialog opened={opened} close={close} title="Import a CSV">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (file !== null) importing.mutate({ kind, file, partial });
          }}
        >
          <Stack gap="sm">
            <NativeSelect
              label="What the file holds"
              value={kind}
              data={kinds.map(({ value, label }) => ({ value, label }))}
              onChange={(event) => {
                setKind(kinds.find((each) => each.value === event.currentTarget.value)?.value ?? 'owners');
                importing.reset();
              }}
            />
            <Text size="sm">
              First line: <code>{columns}</code>
              {kind === 'exposed'
                ? '. A leaked value is sealed as it is read and never shown again; it is used to prove that it opens nothing.'
                : null}
            </Text>
            <FileInput
              label="File"
              placeholder="Choose a CSV file"
              accept=".csv,text/csv"
              value={file}
              onChange={setFile}
              clearable
              clearButtonProps={{ 'aria-label': 'Choose no file' }}
            />
            <Checkbox
              label="Take the good rows even if some are bad"
              checked={partial}
              onChange={(event) => setPartial(event.currentTarget.checked)}
            />
            {importing.isError ? <Trouble error={importing.error} /> : null}
            {importing.isError && importing.error instanceof Refusal ? <Problems problems={importing.error.details} /> : null}
            {importing.data === undefined ? null : <Report report={importing.data} />}
            <CliTwin words={['rekey', 'import', kind, file?.name ?? 'FILE.csv', ...(partial ? ['--partial'] : [])]} />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Close
              </Button>
              <Button type="submit" disabled={file === null} loading={importing.isPending}>
                Import {kinds.find((each) => each.value === kind)?.label.toLowerCase()}
              </Button>
            </Group>
          </Stack>
        </form>
      </Dialog>
    </>
  );
}

function send({
  kind,
  file,
  partial,
}: {
  readonly kind: Kind;
  readonly file: File;
  readonly partial: boolean;
}): Promise<Schemas['ImportReport']> {
  return got(
    api.POST('/v1/imports/{kind}', {
      params: { path: { kind }, query: { partial: partial ? 'true' : 'false', file: file.name } },
      headers: { 'content-type': 'text/csv' },
      body: '',
      bodySerializer: () => file,
    }),
  );
}

function Report({ report }: { readonly report: Schemas['ImportReport'] }) {
  return (
    <div role="status">
      <Text size="sm" fw={600}>
        {number(report.imported)} of {count(report.rows, 'row')} imported.
      </Text>
      <Problems problems={report.problems} />
    </div>
  );
}

type Found = { readonly place?: string; readonly message: string; readonly hint?: string };

function Problems({ problems }: { readonly problems: readonly Found[] }) {
  if (problems.length === 0) return null;
  return (
    <>
      <Text size="sm">{count(problems.length, 'row')} with a fault:</Text>
      <List size="sm" spacing={2}>
        {problems.slice(0, mostShown).map(({ place, message, hint }) => (
          <List.Item key={`${place}${message}`}>
            <b>{place}</b> {message}
            {hint === undefined || hint === '' ? null : `. ${hint}`}
          </List.Item>
        ))}
      </List>
      {problems.length > mostShown ? (
        <Text size="sm">and {number(problems.length - mostShown)} more; the command prints all of them.</Text>
      ) : null}
    </>
  );
}

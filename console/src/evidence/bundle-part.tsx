// The bundle of a run: what it is signed with, the way to take it along, and its check in this browser.
import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { type UseQueryResult, useMutation } from '@tanstack/react-query';
import type { Schemas } from '../api/client.ts';
import { Facts } from '../table/facts.tsx';
import { Section } from '../table/section.tsx';
import { CliTwin } from '../words/cli-twin.tsx';
import { Empty } from '../words/empty.tsx';
import { Since } from '../words/since.tsx';
import { number } from '../words/times.ts';
import { Trouble } from '../words/trouble.tsx';
import { Waiting } from '../words/waiting.tsx';
import { checkBundle } from './check.ts';
import { Checked } from './checked.tsx';
import { fetchBundle } from './fetch-bundle.ts';
import type { ReportShown } from './report-data.ts';

export function BundlePart({ run, report }: { readonly run: Schemas['Run']; readonly report: UseQueryResult<ReportShown | null> }) {
  return (
    <Section title="Bundle">
      {report.isPending ? (
        <Waiting lines={2} />
      ) : report.isError ? (
        <Empty what="The bundle" why="cannot-load" error={report.error} again={() => void report.refetch()} />
      ) : report.data === null ? (
        <Empty what="The bundle" why="not-run" twin={['rekey', 'prove', run.id, '-o', 'evidence']}>
          A bundle holds the signed log, the plan, the approvals and the report. Nobody has had it written on this server yet: prove the
          run.
        </Empty>
      ) : (
        <Written run={run} report={report.data} />
      )}
    </Section>
  );
}

function Written({ run, report: { writtenAt, log, tool, run: then } }: { readonly run: Schemas['Run']; readonly report: ReportShown }) {
  const checking = useMutation({ mutationFn: async () => checkBundle(await fetchBundle(run.id), '') });
  return (
    <Stack gap="sm">
      <Facts
        of={[
          ['Written', <Since key="at" at={writtenAt} exact />],
          ['By', tool],
          ['Checkpoint', `${number(log.entries)} entries of ${log.origin}, root ${log.root}`],
          ['Signed by', log.key],
        ]}
      />
      {then.state === run.state ? null : (
        <Text size="sm" c="var(--rk-warn)">
          ! The run was {then.state} then and is {run.state} now: prove it again.
        </Text>
      )}
      <Group gap="sm">
        <Button component="a" variant="default" href={`/v1/runs/${run.id}/bundle.tar`} download={`${run.id}.tar`}>
          Download the bundle
        </Button>
        <Button variant="default" onClick={() => checking.mutate()} loading={checking.isPending}>
          Check it in this browser
        </Button>
        <Anchor href={`/v1/runs/${run.id}/report`} target="_blank" rel="noopener" size="sm">
          Open the report
        </Anchor>
      </Group>
      <CliTwin words={['rekey', 'evidence', 'verify', 'evidence', '--key', log.key]} label="Checked on a machine of your own:" />
      {checking.isError ? <Trouble error={checking.error} /> : null}
      {checking.isSuccess ? <Checked of={checking.data} /> : null}
    </Stack>
  );
}

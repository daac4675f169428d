// The evidence of one run: what became of everything, what is still open and until when, and the bundle that anybody can check.
import { Alert, Button, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { api, got } from '../api/client.ts';
import { Screen } from '../shell/screen.tsx';
import { useMay } from '../sign-in/session.ts';
import { Facts } from '../table/facts.tsx';
import { Section } from '../table/section.tsx';
import { CliTwin } from '../words/cli-twin.tsx';
import { Since } from '../words/since.tsx';
import { StateWord } from '../words/state-word.tsx';
import { exactUtc } from '../words/times.ts';
import { Trouble } from '../words/trouble.tsx';
import { Waiting } from '../words/waiting.tsx';
import { BundlePart } from './bundle-part.tsx';
import { Cells } from './cells.tsx';
import { CoverageTable } from './coverage-table.tsx';
import { useReport } from './report-data.ts';
import { ReportParts } from './report-parts.tsx';
import { Residuals } from './residuals.tsx';

function Bundle() {
  const { run: id } = useParams({ strict: false }) as { run: string }; // this screen's address has it
  const run = useQuery({
    queryKey: ['run', id],
    queryFn: ({ signal }) => got(api.GET('/v1/runs/{id}', { params: { path: { id } }, signal })),
  });
  const report = useReport(id);
  const known = run.data;
  return (
    <Screen title={`Evidence of ${id}`} actions={<Prove run={id} />}>
      {known === undefined ? (
        run.isError ? (
          <Trouble error={run.error} again={() => void run.refetch()} />
        ) : (
          <Waiting />
        )
      ) : (
        <Stack gap="lg">
          {report.data === null || report.data === undefined ? null : (
            <Text size="md">
              <strong>{report.data.outcome.word}.</strong> {report.data.outcome.sentence}
            </Text>
          )}
          <Facts
            of={[
              ['State', <StateWord key="state" kind="run" state={known.state} />],
              ['Plan', `${known.plan}, hash ${known.planHash}`],
              ['Began', `${exactUtc(known.startedAt)} by ${known.startedBy}`],
              ['Ended', known.endedAt === null ? 'not yet' : <Since key="ended" at={known.endedAt} exact />],
            ]}
          />
          <Section title="What became of everything selected">
            <CoverageTable run={known} />
          </Section>
          <Section title="Access paths">
            <Cells run={known} />
          </Section>
          <Section title="Residual access">
            <Residuals run={id} />
          </Section>
          <BundlePart run={known} report={report} />
          {report.data === null || report.data === undefined ? null : <ReportParts run={id} report={report.data} />}
        </Stack>
      )}
    </Screen>
  );
}

export { Bundle as screen };

/** Proves again what can be and writes the bundle anew. */
function Prove({ run }: { readonly run: string }) {
  const may = useMay('evidence.prove') !== undefined;
  const queries = useQueryClient();
  const proving = useMutation({
    mutationFn: () => got(api.POST('/v1/runs/{id}/proof', { params: { path: { id: run } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['run', run] }),
  });
  if (!may) return null;
  return (
    <Stack gap={4} align="flex-start">
      <Button onClick={() => proving.mutate()} loading={proving.isPending}>
        Prove again and write the bundle
      </Button>
      <CliTwin words={['rekey', 'prove', run, '-o', 'evidence']} />
      {proving.isError ? <Trouble error={proving.error} /> : null}
      {proving.isSuccess ? (
        <Alert color="teal" variant="outline" role="status">
          Proved and verified: a log of {proving.data.size} entries, {proving.data.files.length} files.
        </Alert>
      ) : null}
    </Stack>
  );
}

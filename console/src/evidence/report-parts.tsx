// The parts of the report that people look for first: exceptions, signatures by owners, approvals, what outlives a reset, frameworks, limits.
import { List, Text } from '@mantine/core';
import { Folded } from '../table/folded.tsx';
import { Rows } from '../table/rows.tsx';
import { Section } from '../table/section.tsx';
import { Empty } from '../words/empty.tsx';
import { Since } from '../words/since.tsx';
import { count, exactUtc } from '../words/times.ts';
import type { DerivativeShown, ReportShown } from './report-data.ts';

export function ReportParts({ run, report }: { readonly run: string; readonly report: ReportShown }) {
  const { exceptions, signed, approvals, derivatives, controls, limits } = report;
  return (
    <>
      <Section title="Exceptions">
        {exceptions.count === 0 ? (
          <Empty what="Exceptions" why="none" twin={['rekey', 'run', 'except', run, 'SYSTEM/ACCOUNT']}>
            A named owner may accept an open path until a date. Each would stand here with owner and date.
          </Empty>
        ) : (
          <Rows
            caption="Exceptions with owner and date"
            rows={exceptions.first}
            keyOf={({ id }) => id}
            columns={[
              { name: 'On', heads: true, cell: ({ on }) => on },
              { name: 'Owner', cell: ({ owner }) => owner },
              { name: 'Reason', cell: ({ reason }) => reason },
              { name: 'Ends', cell: ({ expiresAt }) => <Since at={expiresAt} exact ahead="in" /> },
            ]}
          />
        )}
        <Rest shown={exceptions.first.length} all={exceptions.count} file="exceptions.csv" />
      </Section>
      <Section title="Done by hand">
        {signed.count === 0 ? (
          <Empty what="Signatures by owners" why="none">
            Where no interface does it, an owner does it and signs. That is said, not proved.
          </Empty>
        ) : (
          <Rows
            caption="Tasks by hand that their owners signed"
            rows={signed.first}
            keyOf={({ on, at }) => `${on} ${at}`}
            columns={[
              { name: 'On', heads: true, cell: ({ on }) => on },
              { name: 'Said', cell: ({ said }) => said },
              { name: 'At', cell: ({ at }) => exactUtc(at) },
            ]}
          />
        )}
        <Rest shown={signed.first.length} all={signed.count} file="items.csv" />
      </Section>
      <Section title="Approved by">
        <Rows
          caption="Approvals in the bundle"
          rows={approvals}
          keyOf={({ approver, key }) => `${approver} ${key}`}
          columns={[
            { name: 'Who', heads: true, cell: ({ approver }) => approver },
            { name: 'With', cell: ({ method }) => (method === 'ssh' ? 'an SSH key' : 'a passkey') },
            { name: 'At', cell: ({ at }) => exactUtc(at) },
          ]}
        />
      </Section>
      {derivatives.length === 0 ? null : (
        <Folded title="What a reset alone does not end">
          <Rows
            caption="What outlives a reset, by system"
            rows={together(derivatives)}
            keyOf={({ systems, what }) => `${systems.join()} ${what}`}
            columns={[
              { name: 'Systems', heads: true, cell: ({ systems }) => systems.join(', ') },
              { name: 'What', cell: ({ what }) => what },
              { name: 'Ended by', cell: ({ killedBy }) => killedBy },
              { name: 'Otherwise', cell: ({ residual }) => residual },
            ]}
          />
        </Folded>
      )}
      <Section title="Not tested">
        <List size="sm">
          {limits.map((limit) => (
            <List.Item key={limit}>{limit}</List.Item>
          ))}
        </List>
      </Section>
      <Folded title="Frameworks">
        <Text size="sm" c="dimmed">
          The controls this evidence speaks to. It supports them; it certifies nobody.
        </Text>
        <Rows
          caption="Controls by framework"
          rows={controls}
          keyOf={({ framework, id }) => `${framework} ${id}`}
          columns={[
            { name: 'Control', heads: true, cell: ({ framework, id }) => `${framework} ${id}` },
            { name: 'Title', cell: ({ title }) => title },
            { name: 'Where in the bundle', cell: ({ evidence }) => evidence },
          ]}
        />
      </Folded>
    </>
  );
}

function Rest({ shown, all, file }: { readonly shown: number; readonly all: number; readonly file: string }) {
  if (all <= shown) return null;
  return (
    <Text size="sm">
      {count(shown, 'line')} of {all}: all of them are in {file} of the bundle.
    </Text>
  );
}

type Together = Omit<DerivativeShown, 'system'> & { readonly systems: readonly string[] };

/** Systems of one connector say the same: one line for all of them. */
function together(derivatives: readonly DerivativeShown[]): readonly Together[] {
  const lines = new Map<string, Together>();
  for (const { system, ...rest } of derivatives) {
    const key = JSON.stringify(rest);
    lines.set(key, { ...rest, systems: [...(lines.get(key)?.systems ?? []), system] });
  }
  return [...lines.values()];
}

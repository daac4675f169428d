// What was sent to whom and how that went, newest first, and how each message looks before anybody gets it.
import { Code, Select, Stack, Text } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, got, type Schemas } from '../api/client.ts';
import { More } from '../table/more.tsx';
import { type Column, Rows } from '../table/rows.tsx';
import { Section } from '../table/section.tsx';
import { Empty } from '../words/empty.tsx';
import { Since } from '../words/since.tsx';
import { Trouble } from '../words/trouble.tsx';
import { Waiting } from '../words/waiting.tsx';

type Message = Schemas['Message'];

const pageSize = 50;
const templates = ['decision', 'trouble', 'finished', 'progress', 'credential', 'test'] as const;

const columns: readonly Column<Message>[] = [
  { name: 'To', heads: true, cell: ({ person, address, channel }) => person ?? address ?? channel },
  { name: 'Over', cell: ({ channel }) => channel },
  { name: 'What', cell: ({ template }) => template },
  { name: 'State', cell: ({ state, tries }) => (tries > 1 ? `${state}, after ${tries} tries` : state) },
  { name: 'Why', cell: ({ reason }) => reason ?? '' },
  { name: 'When', cell: ({ sentAt, createdAt }) => <Since at={sentAt ?? createdAt} /> },
];

export function Notices() {
  const messages = useInfiniteQuery({
    queryKey: ['notices'],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      got(api.GET('/v1/notices', { params: { query: { limit: pageSize, ...(pageParam === '' ? {} : { cursor: pageParam }) } }, signal })),
    getNextPageParam: ({ cursor }) => cursor,
  });
  const rows = messages.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Stack gap="lg">
      <Section title="Sent">
        {messages.isPending ? (
          <Waiting lines={2} />
        ) : messages.isError && rows.length === 0 ? (
          <Empty what="Messages" why="cannot-load" error={messages.error} again={() => void messages.refetch()} />
        ) : rows.length === 0 ? (
          <Empty what="Messages" why="none">
            Who is told, and over which channel, stands under notify in the estate file. A message never holds a secret.
          </Empty>
        ) : (
          <Rows caption="Messages, newest first" columns={columns} rows={rows} keyOf={({ id }) => id} />
        )}
        <More pages={messages} what="messages" />
      </Section>
      <Section title="How a message looks">
        <Template />
      </Section>
    </Stack>
  );
}

function Template() {
  const [name, setName] = useState<string>(templates[0]);
  const preview = useQuery({
    queryKey: ['notices', 'template', name],
    queryFn: ({ signal }) => got(api.GET('/v1/notices/templates/{name}', { params: { path: { name } }, signal })),
  });
  return (
    <>
      <Select
        label="Template"
        description="Shown with made-up content"
        data={[...templates]}
        value={name}
        allowDeselect={false}
        maw={320}
        onChange={(chosen) => chosen !== null && setName(chosen)}
      />
      {preview.isError ? <Trouble error={preview.error} again={() => void preview.refetch()} /> : null}
      {preview.data === undefined ? null : (
        <>
          <Text size="sm" fw={600}>
            {preview.data.subject}
          </Text>
          <Code block tabIndex={0} aria-label="Text of the message">
            {preview.data.text}
          </Code>
        </>
      )}
    </>
  );
}

// One approval in the list: what it is, who asked, what is missing, until when, and the way to look at it.
import { Anchor, Group, Paper, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useSession } from '../sign-in/session.ts';
import { Since } from '../words/since.tsx';
import { colourOf } from '../words/tone.ts';
import { type Ask, kindOf, sizeOf, toneOf, whyNot } from './ask.ts';

export function AskCard({ ask }: { readonly ask: Ask }) {
  const me = useSession().data?.member?.name;
  const { glyph, tone } = toneOf[ask.state];
  return (
    <Paper withBorder p="sm" component="article" aria-label={`${kindOf(ask)} ${ask.id}`}>
      <Stack gap={4}>
        <Group justify="space-between" gap="xs" wrap="wrap">
          <Text fw={600}>
            {kindOf(ask)}{' '}
            <Anchor component={Link} to={`/approvals/${ask.id}` as string} fw={600} underline="always">
              {ask.id}
            </Anchor>{' '}
            “{ask.name}”
          </Text>
          <Text size="sm" fw={600} c={colourOf(tone)}>
            <span aria-hidden="true">{glyph} </span>
            {ask.state}, {ask.given.length} of {ask.needed} given
          </Text>
        </Group>
        <Text size="sm">{ask.reason}</Text>
        <Text size="sm" c="dimmed">
          {sizeOf(ask)} · asked for by {ask.requestedBy} <Since at={ask.createdAt} /> · <Ends at={ask.expiresAt} />
        </Text>
        {ask.given.length === 0 ? null : <Text size="sm">Given by {ask.given.map(({ name }) => name).join(', ')}</Text>}
        {ask.refused.map(({ name, reason, at }) => (
          <Text key={`${name} ${at}`} size="sm" c="var(--rk-bad)">
            ✗ Refused by {name} <Since at={at} />: {reason}
          </Text>
        ))}
        {ask.canGive ? (
          <Text size="sm" fw={600}>
            Your approval counts. Look at it first.
          </Text>
        ) : (
          <Text size="sm">{whyNot(ask, me)}</Text>
        )}
      </Stack>
    </Paper>
  );
}

function Ends({ at }: { readonly at: string }) {
  const over = Date.parse(at) <= Date.now();
  return (
    <>
      {over ? 'expired ' : 'expires '}
      <Since at={at} exact />
    </>
  );
}

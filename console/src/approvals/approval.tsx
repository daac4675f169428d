// One approval: exactly what is signed, what it would do, what it would not do, and the two answers.
import { Anchor, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { api, got } from '../api/client.ts';
import { Screen } from '../shell/screen.tsx';
import { Facts } from '../table/facts.tsx';
import { Section } from '../table/section.tsx';
import { Since } from '../words/since.tsx';
import { colourOf } from '../words/tone.ts';
import { Trouble } from '../words/trouble.tsx';
import { Waiting } from '../words/waiting.tsx';
import { Answer } from './answer.tsx';
import { type Ask, kindOf, sizeOf, toneOf } from './ask.ts';
import { PlanRisks } from './plan-risks.tsx';
import { SignedText } from './signed-text.tsx';
import { useAsk } from './use-ask.ts';

function Approval() {
  const { subject } = useParams({ strict: false }) as { subject: string }; // this screen's address has it
  const ask = useAsk(subject);
  const known = ask.data;
  return (
    <Screen title={known === undefined ? `Approval of ${subject}` : `${kindOf(known)} ${known.id}`}>
      {known !== undefined ? (
        <Shown ask={known} />
      ) : ask.isError ? (
        <Trouble error={ask.error} again={() => void ask.refetch()} />
      ) : (
        <Waiting />
      )}
    </Screen>
  );
}

export { Approval as screen };

function Shown({ ask }: { readonly ask: Ask }) {
  const plan = useQuery({
    queryKey: ['plan', ask.id],
    enabled: ask.kind === 'plan',
    queryFn: ({ signal }) => got(api.GET('/v1/plans/{id}', { params: { path: { id: ask.id } }, signal })),
  });
  const { glyph, tone } = toneOf[ask.state];
  return (
    <Stack gap="lg">
      <Facts
        of={[
          ['Name', ask.name],
          ['Why', ask.reason],
          ['Asked for by', ask.requestedBy],
          ['Touches', sizeOf(ask)],
          ['Expires', <Since key="expires" at={ask.expiresAt} exact />],
          [
            'Approvals',
            <Text key="given" inherit component="span" fw={600} c={colourOf(tone)}>
              <span aria-hidden="true">{glyph} </span>
              {ask.state}: {ask.given.length} of {ask.needed} given
              {ask.given.length === 0 ? '' : ` (${ask.given.map(({ name }) => name).join(', ')})`}
            </Text>,
          ],
          ['May still approve', ask.may.join(', ') || 'nobody'],
          ...(ask.kind === 'plan'
            ? [
                [
                  'In full',
                  <Anchor key="plan" component={Link} to={`/plans/${ask.id}` as string} inherit>
                    every item of the plan, its waves and its graph
                  </Anchor>,
                ] as const,
              ]
            : []),
        ]}
      />
      {ask.refused.map(({ name, reason, at }) => (
        <Text key={`${name} ${at}`} c="var(--rk-bad)">
          ✗ Refused by {name} <Since at={at} exact />: {reason}
        </Text>
      ))}
      {ask.kind === 'plan' ? (
        plan.data !== undefined ? (
          <PlanRisks plan={plan.data} />
        ) : plan.isError ? (
          <Trouble error={plan.error} again={() => void plan.refetch()} />
        ) : (
          <Waiting />
        )
      ) : null}
      <Section title="What is signed">
        <SignedText ask={ask} />
      </Section>
      <Section title="Your answer">
        <Answer ask={ask} readable={ask.kind === 'handover' || plan.data !== undefined} />
      </Section>
    </Stack>
  );
}

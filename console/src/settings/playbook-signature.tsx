// One playbook that is approved in advance: the very text that is signed, who did, and the way to sign it. Who may not is told why.
import { Alert, Button, Code, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Schemas } from '../api/client.ts';
import { useSession } from '../sign-in/session.ts';
import { Section } from '../table/section.tsx';
import { CliTwin } from '../words/cli-twin.tsx';
import { Since } from '../words/since.tsx';
import { number } from '../words/times.ts';
import { Trouble } from '../words/trouble.tsx';
import { signPlaybook } from './sign-playbook.ts';

type Playbook = Schemas['Playbook'];

export function PlaybookSignature({ of }: { readonly of: Playbook & { readonly preApproved: NonNullable<Playbook['preApproved']> } }) {
  const me = useSession().data?.member?.name;
  const queries = useQueryClient();
  const signing = useMutation({
    mutationFn: () => signPlaybook(of),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['playbooks'] }),
  });
  const { given, may, canGive, until } = of.preApproved;
  const why = canGive ? undefined : whyNot(of.preApproved, me);
  return (
    <Section title={`Sign ${of.id} in advance`}>
      <Stack gap="sm">
        <Text size="sm">
          Whoever holds the right to fire it may then reset {of.where} without asking again: at most {number(of.cap.credentials)}{' '}
          credentials in {number(of.cap.systems)} systems, {number(of.cap.tier0)} of tier 0, until <Since at={until} exact />. A signature
          is void as soon as a word of the playbook changes, and for a call by whoever gave it.
        </Text>
        <Code block tabIndex={0} aria-label={`The text of ${of.id} that is signed`}>
          {of.message}
        </Code>
        {given.map(({ name, method, at }) => (
          <Text key={name} size="sm">
            ✓ Signed by {name} ({method}) <Since at={at} exact />
          </Text>
        ))}
        {may.length === 0 ? null : <Text size="sm">May still sign: {may.join(', ')}</Text>}
        {signing.isSuccess ? (
          <Alert color="teal" variant="outline" role="status" title="✓ Signed">
            Your signature is on record.
          </Alert>
        ) : canGive ? (
          <Group>
            <Button size="md" loading={signing.isPending} onClick={() => signing.mutate()}>
              Sign {of.id} with my passkey
            </Button>
          </Group>
        ) : (
          <Text size="sm">{why}</Text>
        )}
        {signing.isError ? <Trouble error={signing.error} /> : null}
        <CliTwin words={['rekey', 'playbook', 'approve', of.id, '--as', me ?? 'NAME', '--key', 'FILE']} label="By SSH key instead:" />
      </Stack>
    </Section>
  );
}

function whyNot({ by, given, until }: NonNullable<Playbook['preApproved']>, me: string | undefined): string {
  if (Date.parse(until) <= Date.now()) return 'Its time is over: set a later "until" in the estate file.';
  if (me !== undefined && given.some(({ name }) => name === me)) return 'You have signed it already.';
  if (me === undefined || !by.includes(me)) return `It is signed by those it names: ${by.join(', ')}.`;
  return 'You have no right to approve, or no passkey that counts.';
}

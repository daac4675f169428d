// A new plan: which credentials, why, and how. The number is counted while it is typed; making a plan changes nothing anywhere.
import { Alert, Button, Checkbox, Group, NumberInput, Radio, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useCount } from '../accounts/account-pages.ts';
import { api, got } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { Refusal } from '../api/refusal.ts';
import { Screen } from '../shell/screen.tsx';
import { CliTwin } from '../words/cli-twin.tsx';
import { count } from '../words/times.ts';
import { Trouble } from '../words/trouble.tsx';
import { Preview } from './preview.tsx';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function NewPlanScreen() {
  const search: Record<string, unknown> = useSearch({ strict: false });
  const navigate = useNavigate();
  const [where, setWhere] = useState(text(search.where));
  const [reason, setReason] = useState(text(search.reason));
  const [incident, setIncident] = useState(text(search.incident));
  const [name, setName] = useState('');
  const [mode, setMode] = useState<'contain' | 'continuity'>(search.mode === 'contain' ? 'contain' : 'continuity');
  const [hours, setHours] = useState<number | string>(24);
  const [rollback, setRollback] = useState(false);
  const [settled] = useDebouncedValue(where.trim(), 400);
  const counted = useCount(settled, settled !== '');
  const refused = counted.error instanceof Refusal ? counted.error : undefined;
  const making = useMutation({
    mutationFn: () =>
      got(
        api.POST('/v1/plans', {
          body: {
            where: where.trim(),
            reason: reason.trim(),
            mode,
            rollback,
            ...(incident.trim() === '' ? {} : { incident: incident.trim() }),
            ...(name.trim() === '' ? {} : { name: name.trim() }),
            ...(typeof hours === 'number' && hours > 0 ? { expiresInHours: hours } : {}),
          },
        }),
      ),
    onSuccess: async (plan) => {
      await queries.invalidateQueries({ queryKey: ['plans'] });
      await navigate({ to: '/plans/$plan', params: { plan: plan.id } });
    },
  });
  const ready = where.trim() !== '' && reason.trim() !== '' && refused === undefined;
  return (
    <Screen title="New plan">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && !making.isPending) making.mutate();
        }}
      >
        <Stack gap="sm" maw={760}>
          <Textarea
            label="Which credentials"
            description="Conditions on accounts, or the word all. Nothing is ever implied."
            placeholder="system = corp-ldap and tier <= 1 and not tag:exempt"
            required
            autosize
            minRows={1}
            maxRows={6}
            spellCheck={false}
            value={where}
            onChange={(event) => setWhere(event.currentTarget.value)}
            error={
              refused === undefined
                ? undefined
                : `${refused.message}${refused.place === undefined ? '' : ` (${refused.place})`}${refused.hint === undefined ? '' : `. ${refused.hint}`}`
            }
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          />
          <Text size="sm" role="status" fw={600}>
            {settled === ''
              ? 'No condition yet.'
              : counted.data === undefined
                ? counted.isError
                  ? ''
                  : 'Counting…'
                : `${count(counted.data, 'account')} match now.`}
          </Text>
          {settled === '' || refused !== undefined ? null : <Preview where={settled} total={counted.data} />}
          <Textarea
            label="Reason"
            description="Goes into the plan; everybody who approves it reads it."
            required
            autosize
            minRows={2}
            maxLength={2000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Group gap="sm" grow align="flex-start" preventGrowOverflow={false}>
            <TextInput
              label="Incident"
              description="Its number elsewhere, if any."
              placeholder="INC-42"
              value={incident}
              maxLength={200}
              onChange={(event) => setIncident(event.currentTarget.value)}
            />
            <TextInput
              label="Name"
              description="Typed before it runs, if it is large."
              value={name}
              maxLength={100}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <NumberInput
              label="Expires after hours"
              description="Then it is not run any more."
              min={1}
              max={8760}
              value={hours}
              onChange={setHours}
              hideControls
            />
          </Group>
          <Radio.Group label="What matters more" value={mode} onChange={(value) => setMode(value === 'contain' ? 'contain' : 'continuity')}>
            <Stack gap={6} mt={4}>
              <Radio value="continuity" label="Continuity: consumers get the new value before the old one dies" />
              <Radio value="contain" label="Containment: the old value dies first, work may stand still" />
            </Stack>
          </Radio.Group>
          <Checkbox
            label="Put consumers back on the old value where the new one breaks them"
            description="Never where the old value is known to the attacker."
            checked={rollback}
            onChange={(event) => setRollback(event.currentTarget.checked)}
          />
          {settled.toLowerCase() === 'all' ? (
            <Alert color="orange" variant="outline" title="Every account of the estate">
              <Text size="sm">That includes the people who plan and approve here. The plan says who is locked out.</Text>
            </Alert>
          ) : null}
          {making.isError ? <Trouble error={making.error} /> : null}
          <Group>
            <Button type="submit" disabled={!ready} loading={making.isPending}>
              Make the plan
            </Button>
            <Text size="sm" c="dimmed">
              A plan changes nothing until it is approved and applied.
            </Text>
          </Group>
          <CliTwin
            words={[
              'rekey',
              'plan',
              '--where',
              where.trim() || 'SELECTOR',
              '--reason',
              reason.trim() || 'REASON',
              '--mode',
              mode,
              ...(incident.trim() === '' ? [] : ['--incident', incident.trim()]),
              ...(name.trim() === '' ? [] : ['--name', name.trim()]),
              ...(rollback ? ['--rollback'] : []),
            ]}
          />
        </Stack>
      </form>
    </Screen>
  );
}

export { NewPlanScreen as screen };

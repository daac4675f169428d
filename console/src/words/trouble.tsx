// What was refused or failed, as the API says it: sentence, place, next step, request id.
import { Alert, Button, Code, Group, Text } from '@mantine/core';
import { Refusal } from '../api/refusal.ts';

export function Trouble({ error, again }: { readonly error: unknown; readonly again?: () => void }) {
  const refusal = error instanceof Refusal ? error : undefined;
  const title = refusal === undefined ? 'This page has a fault' : titleOf(refusal);
  return (
    <Alert color="red" variant="outline" title={title} role="alert" className="trouble">
      <Text size="sm">{error instanceof Error ? error.message : 'Something unexpected happened.'}</Text>
      {refusal?.place === undefined ? null : (
        <Text size="sm">
          At <Code>{refusal.place}</Code>
        </Text>
      )}
      {refusal?.hint === undefined ? null : <Text size="sm">Next: {refusal.hint}</Text>}
      <Group gap="sm" mt={4}>
        {refusal?.requestId === undefined ? null : (
          <Text size="xs" c="dimmed">
            Request {refusal.requestId}
          </Text>
        )}
        {again === undefined ? null : (
          <Button size="compact-sm" variant="default" onClick={again}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  );
}

/** `plan-stale` reads "Plan stale". */
function titleOf({ code, status }: Refusal): string {
  if (code === 'offline') return 'No answer';
  if (code.startsWith('http-')) return `Refused (${status})`;
  const words = code.replaceAll('-', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

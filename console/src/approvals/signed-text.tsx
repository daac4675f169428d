// The very bytes that an approval is a signature over. Both tools sign these: the SSH key as they are, the passkey by their digest.
import { Code, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, got } from '../api/client.ts';
import { Trouble } from '../words/trouble.tsx';
import { Waiting } from '../words/waiting.tsx';
import type { Ask } from './ask.ts';

export function SignedText({ ask: { id } }: { readonly ask: Ask }) {
  const text = useQuery({
    queryKey: ['approvals', 'text', id],
    queryFn: ({ signal }) => got(api.GET('/v1/approvals/{id}', { params: { path: { id } }, signal })),
  });
  if (text.isError) return <Trouble error={text.error} again={() => void text.refetch()} />;
  if (text.data === undefined) return <Waiting lines={4} height={16} />;
  return (
    <>
      <Code block tabIndex={0} aria-label="The text that is signed">
        {text.data.message}
      </Code>
      <Text size="sm" c="dimmed">
        The hash is over the whole plan or hand-over: every account, wave and limit. Change one character, and this approval is of something
        else.
      </Text>
    </>
  );
}

// Joining by invitation: the code came in the address, the passkey is made here.
import { Button, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Trouble } from '../words/trouble.tsx';
import { ask } from './ask.ts';
import { entered } from './entered.ts';
import { createPasskey } from './passkey.ts';

type Options = Parameters<typeof createPasskey>[0];

async function join(code: string): Promise<void> {
  const options = await ask<Options>('POST', '/v1/join/options', { code });
  const response = await createPasskey(options);
  await ask('POST', '/v1/join', response);
  await entered();
}

export function Join({ code: given }: { readonly code: string }) {
  const [code, setCode] = useState(given);
  const joining = useMutation({ mutationFn: () => join(code.trim()) });
  useEffect(() => {
    document.title = 'Join · Rekey';
  }, []);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        joining.mutate();
      }}
    >
      <Stack gap="md">
        <Title order={1} size="h2">
          You are invited
        </Title>
        <Text size="sm">Make a passkey on this device. It replaces a password: it stays here, and nobody can read it off you.</Text>
        <TextInput
          label="Invitation code"
          autoComplete="one-time-code"
          spellCheck={false}
          required
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        {joining.isError ? <Trouble error={joining.error} /> : null}
        <Button type="submit" size="md" loading={joining.isPending}>
          Make a passkey and go in
        </Button>
      </Stack>
    </form>
  );
}

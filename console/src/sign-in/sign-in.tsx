// Sign-in with a passkey, or by the organisation's own sign-in where the server knows one.
import { Button, Stack, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Trouble } from '../words/trouble.tsx';
import { ask } from './ask.ts';
import { entered } from './entered.ts';
import { askPasskey } from './passkey.ts';
import type { Session } from './session.ts';

type Options = Parameters<typeof askPasskey>[0];

async function signInByPasskey(): Promise<void> {
  const options = await ask<Options>('POST', '/v1/sign-in/passkey/options', {});
  const response = await askPasskey(options);
  await ask('POST', '/v1/sign-in/passkey', response);
  await entered();
}

export function SignIn({ session }: { readonly session: Session }) {
  const passkey = useMutation({ mutationFn: signInByPasskey });
  useEffect(() => {
    document.title = 'Sign in · Rekey';
  }, []);
  return (
    <Stack gap="md">
      <Title order={1} size="h2">
        Sign in
      </Title>
      <Text size="sm">With the passkey that you made when you joined: a fingerprint, a face, a PIN or a security key.</Text>
      {passkey.isError ? <Trouble error={passkey.error} /> : null}
      <Button onClick={() => passkey.mutate()} loading={passkey.isPending} size="md">
        Sign in with a passkey
      </Button>
      {session.oidc === null ? null : (
        <Button component="a" href="/v1/sign-in/oidc" variant="default" size="md">
          Sign in with {session.oidc.label}
        </Button>
      )}
      <Text size="sm" c="dimmed">
        No passkey on this device? An administrator sends you a new invitation: <code>rekey member invite</code>
      </Text>
    </Stack>
  );
}

// The first administrator: the one-time code that the server printed, a name, an address, a passkey.
import { Button, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Trouble } from '../words/trouble.tsx';
import { ask } from './ask.ts';
import { entered } from './entered.ts';
import { createPasskey } from './passkey.ts';

type Options = Parameters<typeof createPasskey>[0];
type Who = { readonly code: string; readonly name: string; readonly email: string };

async function becomeAdministrator(who: Who): Promise<void> {
  const options = await ask<Options>('POST', '/v1/bootstrap/options', who);
  const response = await createPasskey(options);
  await ask('POST', '/v1/bootstrap', response);
  await entered();
}

export function Bootstrap({ code: given }: { readonly code: string }) {
  const [who, setWho] = useState<Who>({ code: given, name: '', email: '' });
  const making = useMutation({
    mutationFn: () => becomeAdministrator({ code: who.code.trim(), name: who.name.trim(), email: who.email.trim() }),
  });
  useEffect(() => {
    document.title = 'First administrator · Rekey';
  }, []);
  const field = (name: keyof Who) => ({
    required: true,
    value: who[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => setWho({ ...who, [name]: event.currentTarget.value }),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        making.mutate();
      }}
    >
      <Stack gap="md">
        <Title order={1} size="h2">
          First administrator
        </Title>
        <Text size="sm">
          Nobody is a member of this estate yet. Whoever holds the code that the server printed when it started becomes its administrator,
          and invites the others.
        </Text>
        <TextInput
          label="One-time code"
          description="Printed by rekey serve"
          autoComplete="one-time-code"
          spellCheck={false}
          {...field('code')}
        />
        <TextInput
          label="Name"
          description="Stands in the record of all you do: a short one, like alice"
          autoComplete="username"
          {...field('name')}
        />
        <TextInput label="E-mail" type="email" autoComplete="email" {...field('email')} />
        {making.isError ? <Trouble error={making.error} /> : null}
        <Button type="submit" size="md" loading={making.isPending}>
          Make a passkey and go in
        </Button>
      </Stack>
    </form>
  );
}

// What somebody who is not signed in sees: the first administrator's way in, an invitation, or the sign-in. Never more than one of them.
import { Stack, Text } from '@mantine/core';
import { Bootstrap } from './bootstrap.tsx';
import { codeInAddress } from './code.ts';
import { Join } from './join.tsx';
import type { Session } from './session.ts';
import { SignIn } from './sign-in.tsx';

export function Door({ session }: { readonly session: Session }) {
  const code = codeInAddress();
  return (
    <Stack gap="lg">
      <Text fw={700} size="lg">
        Rekey · {session.estate}
        {session.demo ? ' · DEMO' : ''}
      </Text>
      {session.bootstrap ? <Bootstrap code={code} /> : code !== '' ? <Join code={code} /> : <SignIn session={session} />}
      <Text size="xs" c="dimmed">
        Version {session.version}
      </Text>
    </Stack>
  );
}

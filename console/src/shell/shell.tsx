// Who is not signed in sees the door, everybody else the frame with its screens.
import { Container } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useSession } from '../sign-in/session.ts';
import { Trouble } from '../words/trouble.tsx';
import { Waiting } from '../words/waiting.tsx';
import { Frame } from './frame.tsx';

const Door = lazy(async () => ({ default: (await import('../sign-in/door.tsx')).Door }));

export function Shell() {
  const session = useSession();
  if (session.data?.signedIn === true) return <Frame />;
  return (
    <Container size={460} py="xl" component="main" id="main">
      {session.data !== undefined ? (
        <Suspense fallback={<Waiting />}>
          <Door session={session.data} />
        </Suspense>
      ) : session.isError ? (
        <Trouble error={session.error} again={() => void session.refetch()} />
      ) : (
        <Waiting />
      )}
    </Container>
  );
}

// What this server is: version, store, keyring, and the key that signs its evidence. The key is what readers of evidence pin.
import { Code, Stack, Text } from '@mantine/core';
import { useSession } from '../sign-in/session.ts';
import { Facts } from '../table/facts.tsx';
import { CliTwin } from '../words/cli-twin.tsx';
import { Empty } from '../words/empty.tsx';
import { Waiting } from '../words/waiting.tsx';
import { useEstate } from './use-estate.ts';

export function Server() {
  const estate = useEstate();
  const session = useSession().data;
  if (estate.isPending) return <Waiting />;
  if (estate.isError) return <Empty what="The server" why="cannot-load" error={estate.error} again={() => void estate.refetch()} />;
  const { store, keyring, logKey } = estate.data;
  return (
    <Stack gap="md">
      <Facts
        of={[
          ['Version', session?.version ?? 'not known'],
          ['Store', `${store.kind === 'embedded' ? 'embedded, in' : 'PostgreSQL at'} ${store.where}`],
          ['Keyring', keyring === 'file' ? 'a file on the server' : 'a variable of the server’s environment'],
          ['Log key', <Code key="key">{logKey}</Code>],
        ]}
      />
      <Text size="sm">
        Give the log key to whoever will read your evidence, by another way than the evidence itself: with it they can tell a bundle of
        yours from any other.
      </Text>
      <CliTwin words={['rekey', 'evidence', 'verify', 'DIR', '--key', logKey]} label="Used like this:" />
      <CliTwin words={['rekey', 'doctor']} label="Is all well:" />
    </Stack>
  );
}

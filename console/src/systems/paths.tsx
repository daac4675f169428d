// Every way into the system's accounts, its replicas, and what each of them proved last. A way without a verdict is a way nobody has looked at.
import { Table, Text } from '@mantine/core';
import type { Schemas } from '../api/client.ts';
import { Since } from '../words/since.tsx';
import { StateWord } from '../words/state-word.tsx';
import { count } from '../words/times.ts';

type Detail = Schemas['SystemDetail'];

export function Paths({ paths, canary }: { readonly paths: Detail['paths']; readonly canary: Detail['canary'] }) {
  return (
    <>
      <Table.ScrollContainer type="native" minWidth={380} tabIndex={0} role="group" aria-label="Access paths">
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Path</Table.Th>
              <Table.Th>Replica</Table.Th>
              <Table.Th>Last verdict</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {paths.flatMap((path) =>
              path.replicas.length === 0
                ? [
                    <Table.Tr key={path.id}>
                      <Table.Td>{nameOf(path)}</Table.Td>
                      <Table.Td>{path.counted === null ? 'not counted yet' : count(path.counted, 'replica')}</Table.Td>
                      <Table.Td>not probed yet</Table.Td>
                    </Table.Tr>,
                  ]
                : path.replicas.map((each) => (
                    <Table.Tr key={`${path.id} ${each.replica}`}>
                      <Table.Td>{nameOf(path)}</Table.Td>
                      <Table.Td>{each.replica}</Table.Td>
                      <Table.Td>
                        <StateWord kind="cell" state={each.verdict} /> by {each.level}, code {each.code}, <Since at={each.at} />
                      </Table.Td>
                    </Table.Tr>
                  )),
            )}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="sm">
        {canary === null
          ? 'No canary account: where an old secret is not known, nothing stands in for it. Declare one in rekey.yaml.'
          : `Canary ${canary.account}: ${canary.found ? 'in the inventory' : 'not in the inventory, run a discovery'}, ${canary.secretKnown ? 'its present secret is known' : 'its secret is not known yet, so it is reset twice'}.`}
      </Text>
    </>
  );
}

const nameOf = (path: Detail['paths'][number]): string => (path.own ? path.id : `${path.id} (${path.probe}, from rekey.yaml)`);

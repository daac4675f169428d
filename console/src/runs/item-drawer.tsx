// One item: each path and replica with its verdict, code and time; its applications; its clock; its log; and what may be done about it.
import { Button, Code, Stack, Table, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { CliTwin } from '../words/cli-twin.tsx';
import { Dialog } from '../words/dialog.tsx';
import { Empty } from '../words/empty.tsx';
import { Since } from '../words/since.tsx';
import { StateWord } from '../words/state-word.tsx';
import { exactUtc } from '../words/times.ts';
import { Waiting } from '../words/waiting.tsx';
import { ItemActions } from './item-actions.tsx';
import { ItemLog } from './item-log.tsx';
import { type Item, type Run, useItem } from './run-queries.ts';

export function ItemDrawer({ run, item: named, close }: { readonly run: Run; readonly item: string; readonly close: () => void }) {
  const { data: item, isError, error, refetch } = useItem(run.id, named);
  return (
    <Dialog at="side" size="xl" title={item === undefined ? named : `${item.system}/${item.account}`} close={close}>
      {item === undefined ? (
        isError ? (
          <Empty what="This item" why="cannot-load" error={error} again={() => void refetch()} />
        ) : (
          <Waiting lines={8} />
        )
      ) : (
        <Shown run={run} item={item} named={named} />
      )}
    </Dialog>
  );
}

function Shown({ run, item, named }: { readonly run: Run; readonly item: Item; readonly named: string }) {
  const [log, showLog] = useState(false);
  return (
    <Stack gap="md">
      <Text size="sm" component="div">
        <StateWord kind="item" state={item.state} /> · wave {item.wave} · {item.credential}
        {item.version === null ? '' : ` version ${item.version}`} · owner {item.owner ?? 'unknown'}
        {item.error === null ? null : <Text size="sm">{item.error}</Text>}
        {item.residual === null ? null : (
          <Text size="sm">
            What was opened before ends <Since at={item.residual.until} exact />: {item.residual.why}
          </Text>
        )}
      </Text>
      <ItemActions run={run} item={item} />
      <section aria-labelledby="cells">
        <Title order={3} size="h6" id="cells">
          Old secret, path by path
        </Title>
        {item.cells.length === 0 ? <Empty what="Proofs" why="not-run" /> : <Cells item={item} />}
      </section>
      <section aria-labelledby="applications">
        <Title order={3} size="h6" id="applications">
          Applications that use it
        </Title>
        {item.consumers.length === 0 ? (
          <Empty what="Applications" why="none">
            Nobody said that a program uses this credential; Rekey does not know of any.
          </Empty>
        ) : (
          <ul>
            {item.consumers.map(({ id, state, detail }) => (
              <li key={id}>
                {id}: <StateWord kind="consumer" state={state} />
                {detail === null ? '' : ` (${detail})`}
              </li>
            ))}
          </ul>
        )}
      </section>
      {log ? (
        <ItemLog run={run.id} item={named} />
      ) : (
        <div>
          <Button variant="default" size="compact-sm" onClick={() => showLog(true)}>
            Show its log
          </Button>
        </div>
      )}
      <CliTwin words={['rekey', 'run', 'items', run.id, '--json']} label="All items by command:" />
    </Stack>
  );
}

function Cells({ item }: { readonly item: Item }) {
  return (
    <Table.ScrollContainer minWidth={0} type="native" tabIndex={0} role="group" aria-label="Cells">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Path</Table.Th>
            <Table.Th scope="col">Verdict</Table.Th>
            <Table.Th scope="col">Code</Table.Th>
            <Table.Th scope="col">When</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {item.cells.map(({ path, replica, verdict, level, code, at }) => (
            <Table.Tr key={`${path} ${replica}`}>
              <Table.Th scope="row">
                {path}
                <Text size="xs" c="dimmed">
                  {replica}
                </Text>
              </Table.Th>
              <Table.Td>
                <StateWord kind="cell" state={verdict} />
                <Text size="xs" c="dimmed">
                  known by {level}
                </Text>
              </Table.Td>
              <Table.Td>
                <Code>{code}</Code>
              </Table.Td>
              <Table.Td className="figures">{exactUtc(at)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

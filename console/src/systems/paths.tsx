// Every way into the system's accounts, its replicas, and what each of them proved last. A way without a verdict is a way nobody has looked at.
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Schemas } from '../api/client.ts';
import { type Column, Rows } from '../table/rows.tsx';
import { Since } from '../words/since.tsx';
import { StateWord } from '../words/state-word.tsx';
import { count } from '../words/times.ts';

type Detail = Schemas['SystemDetail'];

type Line = { readonly key: string; readonly path: string; readonly replica: string; readonly verdict: ReactNode };

const columns: readonly Column<Line>[] = [
  { name: 'Path', heads: true, cell: ({ path }) => path },
  { name: 'Replica', cell: ({ replica }) => replica },
  { name: 'Last verdict', cell: ({ verdict }) => verdict },
];

export function Paths({ paths, canary }: { readonly paths: Detail['paths']; readonly canary: Detail['canary'] }) {
  return (
    <>
      <Rows caption="Access paths" columns={columns} rows={linesOf(paths)} keyOf={({ key }) => key} />
      <Text size="sm">
        {canary === null
          ? 'No canary account: where an old secret is not known, nothing stands in for it. Declare one in rekey.yaml.'
          : `Canary ${canary.account}: ${canary.found ? 'in the inventory' : 'not in the inventory, run a discovery'}, ${canary.secretKnown ? 'its present secret is known' : 'its secret is not known yet, so it is reset twice'}.`}
      </Text>
    </>
  );
}

function linesOf(paths: Detail['paths']): Line[] {
  return paths.flatMap((path): Line[] => {
    const name = nameOf(path);
    if (path.replicas.length === 0)
      return [
        {
          key: path.id,
          path: name,
          replica: path.counted === null ? 'not counted yet' : count(path.counted, 'replica'),
          verdict: 'not probed yet',
        },
      ];
    return path.replicas.map(({ replica, verdict, level, code, at }) => ({
      key: `${path.id} ${replica}`,
      path: name,
      replica,
      verdict: (
        <>
          <StateWord kind="cell" state={verdict} /> by {level}, code {code}, <Since at={at} />
        </>
      ),
    }));
  });
}

const nameOf = (path: Detail['paths'][number]): string => (path.own ? path.id : `${path.id} (${path.probe}, from rekey.yaml)`);

// What the keyboard does here.
import { Kbd, Table, VisuallyHidden } from '@mantine/core';
import { Dialog } from '../words/dialog.tsx';
import { screens } from './screens.ts';

const keys: readonly (readonly [string, string])[] = [
  ['Ctrl K or ⌘ K', 'Go anywhere, do anything'],
  ['/', 'Search on this page'],
  ['?', 'These keys'],
  ['Esc', 'Close what is open'],
  ...screens.map(({ key, name }) => [`g ${key}`, `Go to ${name}`] as const),
  ['g w', 'Wallboard'],
];

export function Keys({ close }: { readonly close: () => void }) {
  return (
    <Dialog close={close} title="Keys">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Key</Table.Th>
            <Table.Th scope="col">Does</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {keys.map(([key, does]) => (
            <Table.Tr key={key}>
              <Table.Td>
                {key.split(' ').map((part, at) =>
                  part === 'or' ? (
                    ' or '
                  ) : (
                    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a fixed text
                    <Kbd key={at} size="sm" mr={4}>
                      {part}
                    </Kbd>
                  ),
                )}
              </Table.Td>
              <Table.Td>{does}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <VisuallyHidden>Single keys do nothing while a field has the focus.</VisuallyHidden>
    </Dialog>
  );
}

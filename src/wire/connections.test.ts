import { expect, it } from 'vitest';
import type { Estate } from '../estate/estate.ts';
import { type AnyConnector, Connections } from './connections.ts';

const systems = ['first', 'second', 'third'].map((id) => ({
  id,
  connector: 'fake',
  tier: 3,
  config: { id },
  limits: {},
  password: {},
  paths: [],
  specHash: '',
}));
const estate = { folder: '/', systems } as unknown as Estate; // all that opening a system reads

it('a connection that fails to say goodbye keeps no other one open', async () => {
  const closed: string[] = [];
  const fake = {
    config: { parse: (input: unknown) => input },
    pace: { concurrency: 1 },
    open: async ({ id }: { id: string }) => ({
      [Symbol.asyncDispose]: async () => {
        if (id === 'first') throw new Error('already gone');
        closed.push(id);
      },
    }),
  } as unknown as AnyConnector;
  const connections = new Connections(estate, { fake: async () => fake }, {});
  for (const { id } of systems) await connections.open(id);
  await connections.close();
  expect(closed).toEqual(['second', 'third']);
});

it('a door of a machine that keeps a record of its own waits for that record, any other for the first', async () => {
  const probing = (replicas: readonly string[]) => ({
    config: { parse: (input: unknown) => input },
    pace: { concurrency: 1 },
    open: async () => ({
      probe: { paths: async () => replicas.map((replica) => ({ path: 'own', replica })) },
      [Symbol.asyncDispose]: async () => {},
    }),
  });
  const registry = {
    directory: async () => probing(['ldaps://dc1.example.test', 'ldaps://dc2.example.test:636']),
    doors: async () => probing(['dc2.example.test:445', 'vpn.example.test:1812', 'dc1.example.test']),
  } as unknown as Record<string, () => Promise<AnyConnector>>;
  const paths = [{ id: 'door', probe: 'doors', config: {} }];
  const connections = new Connections(
    { folder: '/', systems: [{ ...systems[0], id: 'dir', connector: 'directory', paths }] } as unknown as Estate, // all that opening a system reads
    registry,
    {},
  );
  const opened = await connections.open('dir');
  const [first, second] = ['ldaps://dc1.example.test', 'ldaps://dc2.example.test:636'];
  expect((await opened.paths()).map(({ where, record }) => [where.replica, record])).toEqual([
    [first, first],
    [second, second],
    ['dc2.example.test:445', second],
    ['vpn.example.test:1812', first],
    ['dc1.example.test', first],
  ]);
  await connections.close();
});

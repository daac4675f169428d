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

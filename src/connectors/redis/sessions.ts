// The open connections of a user on every server, and their end: a removed password, and even a user that is off, leaves them all as they are.
import { setTimeout as sleep } from 'node:timers/promises';
import { type AccountRef, type Capabilities, done, type Outcome, type Session } from '../../kit/kit.ts';
import { type Client, clientsOf } from './clients.ts';
import { outcomeOf } from './fault.ts';
import type { Node } from './node.ts';

/** A killed connection is gone within a turn of the server's loop; what is still there after this is told as left. */
const waitMs = 1_000;

/** `probing`: addresses of our probes' connections that are open now. */
export function sessions(nodes: readonly Node[], probing: ReadonlySet<string>): Capabilities['sessions'] {
  const isOwn = (node: Node, client: Client): boolean => client.id === node.ownId || probing.has(client.address);
  return {
    grainMs: 1000,
    async list(account) {
      const all: Session[] = [];
      for (const node of nodes) {
        const clients = await of(node, account);
        if (clients.kind !== 'done') return clients;
        all.push(...clients.value.map((client) => sessionOf(node, client, isOwn(node, client))));
      }
      return done(all);
    },
    async end(account, before) {
      const old = (node: Node, client: Client): boolean => client.startedAt < before && !isOwn(node, client);
      let ended = 0;
      let left = 0;
      for (const node of nodes) {
        const outcome = await endOn(node, account, (client) => old(node, client));
        if (outcome.kind !== 'done') return outcome;
        ended += outcome.value.ended;
        left += outcome.value.left;
      }
      return done({ ended, left });
    },
  };
}

async function of(node: Node, account: AccountRef): Promise<Outcome<readonly Client[]>> {
  const clients = await clientsOf(node);
  return clients.kind === 'done' ? done(clients.value.filter(({ user }) => user === account.id)) : clients;
}

function sessionOf(node: Node, client: Client, own: boolean): Session {
  const what = client.replica ? 'replica' : client.name;
  return {
    id: `${client.id}@${node.endpoint.replica}`,
    startedAt: client.startedAt,
    from: what === '' ? client.address : `${client.address} (${what})`,
    own,
  };
}

/** One by one, by number: CLIENT KILL USER would also end those that logged in with the new secret. The server gives a number only once. */
async function endOn(node: Node, account: AccountRef, old: (client: Client) => boolean): Promise<Outcome<{ ended: number; left: number }>> {
  const open = await of(node, account);
  if (open.kind !== 'done') return open;
  const doomed = open.value.filter(old);
  if (doomed.length === 0) return done({ ended: 0, left: 0 });
  const told = await node.once(doomed.map(({ id }) => ['CLIENT', 'KILL', 'ID', String(id)]));
  for (const answer of told) if (answer.kind !== 'reply') return outcomeOf(answer, node.endpoint.replica);
  for (let waited = 0; ; waited += 50) {
    const now = await of(node, account);
    if (now.kind !== 'done') return now;
    const left = doomed.filter(({ id }) => now.value.some((client) => client.id === id)).length;
    if (left === 0 || waited >= waitMs) return done({ ended: doomed.length - left, left });
    await sleep(50);
  }
}

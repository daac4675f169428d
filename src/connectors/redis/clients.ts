// The open connections of a server, from CLIENT LIST: who logged in, since when, and what for.
import { done, type Outcome } from '../../kit/kit.ts';
import type { Limits } from '../../protocols/tcp/dial.ts';
import { oddReply, outcomeOf } from './fault.ts';
import type { Node } from './node.ts';
import { timeOf } from './state.ts';

export type Client = {
  readonly id: number;
  readonly user: string;
  readonly address: string;
  readonly name: string;
  /** The whole second it began in: the server tells no more. */
  readonly startedAt: Date;
  /** A replica that reads our data. */
  readonly replica: boolean;
};

export async function clientsOf(node: Node, limits?: Limits): Promise<Outcome<readonly Client[]>> {
  const where = node.endpoint.replica;
  const [time, listed] = await node.read([['TIME'], ['CLIENT', 'LIST']], limits);
  const now = timeOf(time, where);
  if (now.kind !== 'done') return now;
  if (listed === undefined) return oddReply(where);
  if (listed.kind !== 'reply') return outcomeOf(listed, where);
  if (typeof listed.value !== 'string') return oddReply(where);
  return done(listed.value.split('\n').flatMap((line) => clientOf(line, now.value)));
}

export function clientOf(line: string, now: Date): Client[] {
  const fields = new Map(line.split(' ').map((field) => [field.slice(0, field.indexOf('=')), field.slice(field.indexOf('=') + 1)]));
  const id = Number(fields.get('id'));
  const age = Number(fields.get('age'));
  if (!Number.isInteger(id) || id <= 0 || !Number.isFinite(age)) return [];
  return [
    {
      id,
      user: fields.get('user') ?? '',
      address: fields.get('addr') ?? '',
      name: fields.get('name') ?? '',
      startedAt: new Date((Math.floor(now.getTime() / 1000) - age) * 1000),
      replica: (fields.get('flags') ?? '').includes('S'),
    },
  ];
}

// The open connections of a user in the whole cluster (AMQP, MQTT, STOMP, streams), and their end: a change of the password leaves them all.
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type AccountRef, type Capabilities, done, type Io, type Outcome, type Session } from '../../kit/kit.ts';
import { connectionName } from '../../protocols/amqp/frames.ts';
import { type Api, pathOf } from './api.ts';
import { isSuccess, oddAnswer, outcomeOf } from './fault.ts';

/** Known at once, without a date. */
const tracked = z.array(z.looseObject({ name: z.string() }));
/** Known some seconds later: the broker gathers its figures every five seconds unless configured. */
const described = z.array(
  z.looseObject({
    name: z.string(),
    connected_at: z.number().optional(),
    peer_host: z.string().optional(),
    protocol: z.string().optional(),
    client_properties: z.looseObject({ connection_name: z.string().optional() }).or(z.array(z.unknown())).optional(),
  }),
);
const columns = 'name,connected_at,peer_host,protocol,client_properties.connection_name';

/** The API shows the end of a connection a moment after it. */
const goneWithinMs = 3_000;
/** The date of a connection that the broker has not dated yet: nobody may take it for one made after a change. */
const undated = new Date(0);

export function sessions(api: Api, io: Io): Capabilities['sessions'] {
  return {
    list: (account) => list(api, account, io),
    /** An undated connection can be neither judged nor ended by name: it is left, and has its date when this is called again. */
    async end(account, before) {
      const open = await list(api, account, io);
      if (open.kind !== 'done') return open;
      const doomed = open.value.filter(({ own, startedAt }) => !own && startedAt > undated && startedAt < before);
      for (const { id } of doomed) {
        const answer = await api.call('DELETE', pathOf('connections', id));
        const gone = answer.kind === 'answered' && answer.status === 404;
        if (!isSuccess(answer) && !gone) return outcomeOf(answer);
      }
      for (let waited = 0; ; waited += 100) {
        const now = await list(api, account, io);
        if (now.kind !== 'done') return now;
        const staying = now.value.filter(({ id }) => doomed.some((session) => session.id === id)).length;
        const open = now.value.filter(({ startedAt }) => startedAt <= undated).length;
        if (staying === 0 || waited >= Math.min(goneWithinMs, io.timeoutMs / 2))
          return done({ ended: doomed.length - staying, left: staying + open });
        await sleep(100);
      }
    },
  };
}

async function list(api: Api, account: AccountRef, io: Io): Promise<Outcome<readonly Session[]>> {
  const open = await api.call('GET', pathOf('connections', 'username', account.id));
  if (!isSuccess(open)) return outcomeOf(open);
  const names = tracked.safeParse(open.json);
  if (!names.success) return oddAnswer();
  if (names.data.length === 0) return done([]);
  const figures = await api.call('GET', `connections?columns=${columns}`);
  if (!isSuccess(figures)) return outcomeOf(figures);
  const read = described.safeParse(figures.json);
  if (!read.success) return oddAnswer();
  const now = figures.date?.getTime() ?? 0;
  return done(
    names.data.map(({ name }) => {
      const known = read.data.find((each) => each.name === name);
      const at = known?.connected_at;
      const client = known?.client_properties;
      const called = client === undefined || Array.isArray(client) ? undefined : client.connection_name;
      const what = [known?.protocol, called].filter((part) => part !== undefined).join(', ');
      return {
        id: name,
        startedAt: at === undefined ? undated : new Date(at),
        from: `${known?.peer_host ?? name.split(' -> ')[0]}${what === '' ? '' : ` (${what})`}`,
        // The name alone makes no connection ours: whoever holds the old secret can take it. A probe is over within our timeout.
        own: called === connectionName && at !== undefined && now - at < 2 * io.timeoutMs,
      };
    }),
  );
}

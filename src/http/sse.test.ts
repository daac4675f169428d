// Event streams miss nothing, repeat nothing, and no reader costs more than its share.
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeServices } from '../../test/cli/fake-services.ts';
import { type Caller, houseCaller } from '../access/caller.ts';
import { buildApi } from './api.ts';
import type { Change, Changes } from './port.ts';
import type { Services } from './services.ts';
import { Streams } from './sse.ts';

const open: FastifyInstance[] = [];
const reading: IncomingMessage[] = [];
afterEach(async () => {
  for (const answer of reading.splice(0)) answer.destroy();
  for (const api of open.splice(0)) await api.close();
});

/** A record of changes that stands outside any server, as the store does. */
class Recorded implements Changes {
  readonly noted: Change[] = [];
  asked = 0;
  async position(): Promise<string> {
    return String(this.noted.length);
  }
  async between(from: string, to: string): Promise<readonly Change[] | undefined> {
    this.asked++;
    return /^\d+$/.test(from) ? this.noted.slice(Number(from), Number(to)) : undefined;
  }
  /** Everybody owns what ends in their identity. */
  async ownOf(changes: readonly Change[], identity: string): Promise<readonly Change[]> {
    return changes.filter(({ id }) => identity !== '' && id.endsWith(identity));
  }
}

async function listening(changes: Changes, caller: Caller = houseCaller('alice')): Promise<{ url: string; api: FastifyInstance }> {
  const fake = new FakeServices();
  const services = new Proxy(fake as Services, {
    get: (_, key) => {
      const value = key === 'changes' ? changes : (fake as Services)[key as keyof Services];
      return typeof value === 'function' ? value.bind(fake) : value;
    },
  });
  const api = buildApi({ services, caller: () => caller, version: '0.0.0' });
  open.push(api);
  return { url: await api.listen({ host: '127.0.0.1', port: 0 }), api };
}

type Seen = { id?: string; event?: string; data?: string };
async function follow(
  url: string,
  lastId?: string,
): Promise<{ events: Seen[]; status: number; until(n: number): Promise<void>; leave(): void }> {
  const asked = get(`${url}/v1/events`, { agent: false, headers: lastId === undefined ? {} : { 'last-event-id': lastId } });
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  reading.push(answer);
  const events: Seen[] = [];
  let rest = '';
  answer.on('data', (chunk) => {
    const blocks = `${rest}${chunk}`.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      if (fields.event !== undefined) events.push(fields);
    }
  });
  answer.on('error', () => {});
  return {
    events,
    status: answer.statusCode ?? 0,
    until: async (n) => {
      while (events.length < n) await once(answer, 'data');
    },
    leave: () => answer.destroy(),
  };
}
const told = (events: Seen[]): string[] =>
  events.filter((e) => e.event === 'change').map((e) => `${JSON.parse(e.data ?? '').type} ${JSON.parse(e.data ?? '').id}`);

describe('the estate stream', () => {
  it('who comes back with the last id gets what was missed, once, also from another server', async () => {
    const record = new Recorded();
    const one = await listening(record);
    const before = await follow(one.url);
    await before.until(1);
    record.noted.push({ type: 'plan', id: 'P-1' }, { type: 'run', id: 'R-1' });
    await before.until(3);
    expect(told(before.events)).toEqual(['plan P-1', 'run R-1']);
    const last = before.events.at(-1)?.id;
    before.leave();
    record.noted.push({ type: 'approval', id: 'P-2' });
    await one.api.close();
    const after = await follow((await listening(record)).url, last);
    record.noted.push({ type: 'system', id: 'corp' });
    await after.until(2);
    expect(told(after.events)).toEqual(['approval P-2', 'system corp']);
  });

  it.each([
    ['an owner', ['owner'], 'own', ['run R-own', 'system own']],
    ['an owner whom the inventory does not name', ['owner'], null, []],
    ['the help desk', ['help-desk'], null, ['run R-1', 'system corp', 'notice N-1', 'run R-own', 'system own', 'run R-2']],
    [
      'an owner who may also read all runs',
      ['owner', 'viewer'],
      'own',
      ['run R-1', 'plan P-1', 'approval P-1', 'system corp', 'run R-own', 'system own', 'run R-2'],
    ],
  ] as const)('%s hears of what they may read and of no other id', async (_, roles, identity, expected) => {
    const record = new Recorded();
    const { url } = await listening(record, { name: 'olga', custodian: false, identity, roles, via: 'workload' });
    const stream = await follow(url);
    await stream.until(1);
    record.noted.push(
      { type: 'run', id: 'R-1' },
      { type: 'plan', id: 'P-1' },
      { type: 'approval', id: 'P-1' },
      { type: 'system', id: 'corp' },
      { type: 'notice', id: 'N-1' },
      { type: 'run', id: 'R-own' },
      { type: 'system', id: 'own' },
      { type: 'run', id: 'R-2' },
    );
    const before = record.asked;
    await expect.poll(() => record.asked, { timeout: 5000 }).toBeGreaterThan(before + 1);
    await stream.until(1 + expected.length);
    expect(told(stream.events)).toEqual(expected);
  });

  it('who was away for too long is told to fetch everything', async () => {
    const stream = await follow((await listening(new Recorded())).url, 'of another store');
    await stream.until(1);
    expect(stream.events[0]).toMatchObject({ event: 'reset' });
  });

  it('many readers cost the store what one does, and a store without readers is left alone', async () => {
    const record = new Recorded();
    const { url } = await listening(record);
    const readers = await Promise.all(Array.from({ length: 12 }, () => follow(url)));
    await Promise.all(readers.map((reader) => reader.until(1)));
    await delay(600);
    const before = record.asked;
    record.noted.push({ type: 'run', id: 'R-1' });
    await Promise.all(readers.map((reader) => reader.until(2)));
    expect(record.asked - before).toBeLessThanOrEqual(4);
    for (const reader of readers) reader.leave();
    await delay(700);
    const quiet = record.asked;
    await delay(600);
    expect(record.asked).toBe(quiet);
  });

  it('one member cannot open more than a share of streams, and what was closed is free again', async () => {
    const { url } = await listening(new Recorded());
    const readers = await Promise.all(Array.from({ length: 20 }, () => follow(url)));
    expect(readers.every((reader) => reader.status === 200)).toBe(true);
    expect((await follow(url)).status).toBe(429);
    readers[0]?.leave();
    for (let status = 429; status !== 200; await delay(20)) status = (await follow(url)).status;
  });
});

describe('a reader that does not read', () => {
  it('is cut off, and the source it held is ended', async () => {
    const streams = new Streams(200);
    const api = Fastify();
    open.push(api);
    let ended = false;
    api.get('/', (_request, reply) =>
      streams.send(reply, 'alice', new AbortController().signal, async function* () {
        try {
          for (;;) yield { event: 'flood', data: 'x'.repeat(1_000_000) };
        } finally {
          ended = true;
        }
      }),
    );
    const url = await api.listen({ host: '127.0.0.1', port: 0 });
    const asked = get(url, { agent: false });
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    reading.push(answer);
    answer.on('error', () => {});
    answer.pause();
    while (!ended) await delay(20);
    expect(streams.open).toBe(0);
  });
});

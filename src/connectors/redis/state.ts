// A server's own record of one user: how many secrets it accepts, and a mark that moves with them. Redis keeps no time of change.
import { createHmac } from 'node:crypto';
import { type Capabilities, done, type Outcome, refused } from '../../kit/kit.ts';
import type { Answer } from '../../protocols/redis/link.ts';
import { oddReply, outcomeOf } from './fault.ts';
import type { Node, OwnSecrets } from './node.ts';
import { getUser, missing, texts, userOf } from './user.ts';

export function state(nodes: readonly Node[], secrets: OwnSecrets): Capabilities['state'] {
  const find = (replica: string): Node | undefined => nodes.find(({ endpoint }) => endpoint.replica === replica);
  const unknown = (replica: string): Outcome<never> => refused('unsupported', `there is no server ${replica} in the estate file`);
  return {
    async replicas() {
      return nodes.map(({ endpoint }) => endpoint.replica);
    },
    async clock(replica) {
      const node = find(replica);
      if (node === undefined) return unknown(replica);
      const [time] = await node.read([['TIME']]);
      return timeOf(time, replica);
    },
    async read(account, replica) {
      const node = find(replica);
      if (node === undefined) return unknown(replica);
      const [found, time] = await node.read([getUser(account), ['TIME']]);
      const user = userOf(found, replica);
      if (user.kind !== 'done') return user;
      if (user.value === undefined) return missing(replica);
      const now = timeOf(time, replica);
      if (now.kind !== 'done') return now;
      const { on, nopass, hashes } = user.value;
      // The hashes are unsalted, so that no digest of them may stand in a record: the mark is keyed with what only Rekey knows.
      const keys = await secrets();
      const mark = keys.at(-1)?.use((bytes) =>
        createHmac('sha256', bytes)
          .update([...hashes].sort().join(' '))
          .digest('hex'),
      );
      return done({ marker: `${nopass ? 'nopass ' : ''}${mark?.slice(0, 32) ?? ''}`, values: hashes.length, usable: on, now: now.value });
    },
  };
}

/** TIME: seconds and microseconds. */
export function timeOf(answer: Answer | undefined, where: string): Outcome<Date> {
  if (answer === undefined) return oddReply(where);
  if (answer.kind !== 'reply') return outcomeOf(answer, where);
  const parts = texts(answer.value)?.map(Number);
  if (parts === undefined || parts.length !== 2 || parts.some((part) => !Number.isFinite(part))) return oddReply(where);
  return done(new Date((parts[0] as number) * 1000 + Math.floor((parts[1] as number) / 1000)));
}

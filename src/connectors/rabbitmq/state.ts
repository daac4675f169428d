// The broker's own record of one user. Users belong to the whole cluster: every node shows the same one. It keeps no time of change.
import { createHmac } from 'node:crypto';
import { type Capabilities, done, refused } from '../../kit/kit.ts';
import type { Endpoint } from '../../protocols/tcp/dial.ts';
import { type Api, type OwnSecrets, pathOf } from './api.ts';
import { isSuccess, oddAnswer, outcomeOf } from './fault.ts';
import { readUser } from './user.ts';

export function state(api: Api, places: readonly Endpoint[], secrets: OwnSecrets): Capabilities['state'] {
  const replicas = [...new Set(places.map(({ replica }) => replica))];
  return {
    async replicas() {
      return replicas;
    },
    async clock(replica) {
      if (!replicas.includes(replica)) return refused('unsupported', `there is no node ${replica} in the estate file`);
      const answer = await api.call('GET', pathOf('whoami'));
      if (!isSuccess(answer)) return outcomeOf(answer);
      return answer.date === undefined ? oddAnswer() : done(answer.date);
    },
    async read(account, replica) {
      if (!replicas.includes(replica)) return refused('unsupported', `there is no node ${replica} in the estate file`);
      const read = await readUser(api, account);
      if (read.kind !== 'done') return read;
      const { user, now } = read.value;
      // Four bytes of salt are not enough to show a digest of a person's password: the mark is keyed with what only Rekey knows.
      const keys = await secrets();
      const mark = keys.at(-1)?.use((bytes) => createHmac('sha256', bytes).update(user.hash).digest('hex').slice(0, 32));
      return done({
        marker: user.hash === '' ? 'none' : (mark ?? ''),
        values: user.hash === '' ? 0 : 1,
        usable: user.mostConnections !== 0,
        ...(now === undefined ? {} : { now }),
      });
    },
  };
}

// The API's own record of an account: when its secret was set, and something that differs after every change.
import { createHash } from 'node:crypto';
import { type Capabilities, done, type Lockout, refused } from '../../kit/kit.ts';
import { lacks } from './answer.ts';
import type { Api } from './api.ts';
import type { Config } from './config.ts';
import { at, dateAt } from './pointer.ts';
import { accountValues } from './request.ts';

export function state(api: Api, block: NonNullable<Config['state']>): Capabilities['state'] {
  return {
    replicas: async () => [api.replica],
    async read(account, replica) {
      if (replica !== api.replica) return refused('not-found', `there is no replica ${replica}`);
      const answer = await api.answer(block, { values: accountValues(account) });
      const read = api.reading(answer);
      if (read.kind !== 'done') return read;
      const { json } = read.value;
      const marker = at(json, block.marker ?? block.changedAt ?? '');
      if (marker === undefined || marker === null) return lacks('marker of the secret');
      const changedAt = block.changedAt === undefined ? undefined : dateAt(json, block.changedAt);
      const now = answer.kind === 'answered' ? Date.parse(answer.headers.date ?? '') : Number.NaN;
      return done({
        // A digest: whatever somebody points at, the record of the run holds nothing of it.
        marker: createHash('sha256').update(JSON.stringify(marker)).digest('base64url').slice(0, 22),
        usable: block.usable === undefined || at(json, block.usable.pointer) === block.usable.equals,
        ...(changedAt === undefined ? {} : { changedAt }),
        // The Date header is the API's clock, in whole seconds.
        ...(Number.isFinite(now) ? { now: new Date(now) } : {}),
      });
    },
  };
}

export function lockout(api: Api, block: NonNullable<Config['lockout']>): Capabilities['lockout'] {
  const { threshold, windowSeconds, resetsOnSuccess, failures } = block;
  const known = { threshold, resetsOnSuccess, ...(windowSeconds === undefined ? {} : { windowSeconds }) };
  return {
    async read(account) {
      if (failures === undefined) return done<Lockout>({ ...known, failures: undefined });
      const read = await api.read(failures, { values: accountValues(account) });
      if (read.kind !== 'done') return read;
      const count = at(read.value.json, failures.count);
      return done<Lockout>({ ...known, failures: typeof count === 'number' ? count : undefined });
    },
  };
}

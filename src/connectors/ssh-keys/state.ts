// The host's own record of an account's keys: how many lines let somebody in, and a marker that moves with every one of them.
import { type AccountRef, type Capabilities, done, type Outcome, refused } from '../../kit/kit.ts';
import { isExpired, type Record, readRecord } from '../../protocols/ssh/accounts.ts';
import { clockOf } from '../../protocols/ssh/clock.ts';
import type { Host } from '../../protocols/ssh/host.ts';
import { isIdle, markerOf } from './authorized-keys.ts';
import type { Config } from './config.ts';
import { type KeyPlaces, readPlaces } from './files.ts';

export async function readKeys(host: Host, settings: Config, account: AccountRef): Promise<Outcome<{ record: Record; places: KeyPlaces }>> {
  const record = await readRecord(host, account);
  if (record.kind !== 'done') return record;
  const read = await readPlaces(host, settings, [record.value.passwd]);
  if (read.kind !== 'done') return read;
  const [places] = read.value;
  return places === undefined ? refused('protocol', 'the host did not say where keys are') : done({ record: record.value, places });
}

export function state(host: Host, settings: Config): Capabilities['state'] {
  const { replica } = host.endpoint;
  const elsewhere = (asked: string): Outcome<never> | undefined =>
    asked === replica ? undefined : refused('not-found', `there is no host ${asked} in the estate file`);
  return {
    async replicas() {
      return [replica];
    },
    async clock(asked) {
      return elsewhere(asked) ?? clockOf(host);
    },
    async read(account, asked) {
      const [keys, now] = await Promise.all([elsewhere(asked) ?? readKeys(host, settings, account), clockOf(host)]);
      if (keys.kind !== 'done') return keys;
      if (now.kind !== 'done') return now;
      const { record, places } = keys.value;
      const lines = places.files.flatMap((file) => file.lines);
      const values = new Set(lines.filter((line) => !isIdle(line)).map((line) => line.key?.fingerprint ?? line.text)).size;
      // The newest of the files: a key added to any of them shows.
      const changed = Math.max(...places.files.map(({ changedAt }) => changedAt?.getTime() ?? 0));
      return done({
        marker: markerOf(lines),
        values,
        usable: values > 0 && !isExpired(record.shadow, now.value),
        now: now.value,
        ...(Number.isFinite(changed) && changed > 0 ? { changedAt: new Date(changed) } : {}),
      });
    },
  };
}

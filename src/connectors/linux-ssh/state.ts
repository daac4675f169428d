// The host's own record of one password. /etc/shadow dates changes by the day, which proves nothing about an hour: the marker carries the proof.
import { type Capabilities, done, type Outcome, refused } from '../../kit/kit.ts';
import { hashIn, hasNoShell, isExpired, isLocked, isOpen, markerOf, readRecord } from '../../protocols/ssh/accounts.ts';
import { clockOf } from '../../protocols/ssh/clock.ts';
import type { Host } from '../../protocols/ssh/host.ts';

export function state(host: Host): Capabilities['state'] {
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
      const [record, now] = await Promise.all([elsewhere(asked) ?? readRecord(host, account), clockOf(host)]);
      if (record.kind !== 'done') return record;
      if (now.kind !== 'done') return now;
      const { passwd, shadow } = record.value;
      const hash = hashIn(shadow.field);
      return done({
        marker: markerOf(shadow),
        values: hash === undefined ? 0 : 1,
        usable:
          (hash !== undefined || isOpen(shadow.field)) &&
          !isLocked(shadow.field) &&
          !isExpired(shadow, now.value) &&
          !hasNoShell(passwd.shell),
        now: now.value,
      });
    },
  };
}

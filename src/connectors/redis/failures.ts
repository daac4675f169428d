// Refused logins by user, from ACL LOG: after a reset it names who still tries the old password. Rekey's own probes stand there too.
import type { Answer } from '../../protocols/redis/link.ts';
import type { Reply } from '../../protocols/redis/resp.ts';

type Failure = { readonly from: string; readonly count: number; readonly secondsAgo: number };
export type Failures = readonly Failure[];

/** A server that does not show its log (NOPERM) has nothing to say here. */
export function failuresOf(answer: Answer | undefined): ReadonlyMap<string, Failures> {
  const byUser = new Map<string, Failure[]>();
  if (answer?.kind !== 'reply' || !Array.isArray(answer.value)) return byUser;
  for (const entry of answer.value) {
    const fields = fieldsOf(entry);
    if (fields.get('reason') !== 'auth') continue;
    const user = String(fields.get('username') ?? '');
    // The address without its port: the same program comes from another port each time.
    const from = /(?:^| )addr=(\S+):\d+/.exec(String(fields.get('client-info') ?? ''))?.[1] ?? 'unknown';
    const failure = { from, count: Number(fields.get('count') ?? 1), secondsAgo: Math.round(Number(fields.get('age-seconds') ?? 0)) };
    const known = byUser.get(user);
    if (known === undefined) byUser.set(user, [failure]);
    else known.push(failure);
  }
  return byUser;
}

function fieldsOf(entry: Reply): ReadonlyMap<string, Reply> {
  const fields = new Map<string, Reply>();
  if (Array.isArray(entry)) for (let n = 0; n + 1 < entry.length; n += 2) fields.set(String(entry[n]), entry[n + 1] as Reply);
  return fields;
}

// approvers.json: whose key counted when the run began and since when it is known as theirs, as the signed log says. No more than that is vouched for.
import { canonical } from '../domain/json.ts';
import type { Entry } from './lines.ts';

export type Vouched = {
  readonly name: string;
  readonly method: string;
  readonly key: string;
  /** Of a passkey. */
  readonly enrolledAt?: string;
};

/** The approvals that a run's log counts; a plan has at most twenty. */
export class ApprovalEntries {
  readonly found: Vouched[] = [];

  take(entry: Entry): void {
    if (entry.kind !== 'approval' || this.found.length > 100) return;
    const { enrolledAt } = entry;
    this.found.push({
      name: String(entry.name),
      method: String(entry.method),
      key: String(entry.key),
      ...(typeof enrolledAt === 'string' ? { enrolledAt } : {}),
    });
  }
}

export const approversText = (found: readonly Vouched[]): string => `${canonical({ approvers: found })}\n`;

/** What a reader of the bundle must know otherwise before the name on an approval means a person. */
export function trustIn({ name, method, key, enrolledAt }: Vouched): string {
  return method === 'passkey'
    ? `${name}: passkey ${key}, enrolled as theirs on ${enrolledAt ?? 'a day not told'}; that it is theirs is this server's word, signed with the log`
    : `${name}: ${key}, in the estate file when the run began; that it is theirs is this server's word, signed with the log`;
}

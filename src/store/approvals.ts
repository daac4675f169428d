// Approvals and refusals per plan or hand-over: one approval per approver, and each change of them in the estate's log with it.
import type { ApprovalStore, Refusal, StoredApproval } from '../approve/port.ts';
import { appendEntries } from './evidence.ts';
import type { Store } from './sql.ts';

type Row = { approver: string; method: string; public_key: string; signature: string; at: Date };

export function approvalStore(store: Store): ApprovalStore {
  return {
    async of(subject): Promise<StoredApproval[]> {
      const rows = await store.query<Row>(
        'select approver, method, public_key, signature, at from approval where plan = $1 order by at, approver',
        [subject],
      );
      return rows.map((r) => ({ approver: r.approver, method: r.method, publicKey: r.public_key, signature: r.signature, at: r.at }));
    },
    put: (subject, { approver, method, publicKey, signature, at }, line) =>
      store.transaction(async (sql) => {
        await sql.query(
          `insert into approval (plan, approver, method, public_key, signature, at) values ($1, $2, $3, $4, $5, $6)
           on conflict (plan, approver) do update set method = excluded.method, public_key = excluded.public_key, signature = excluded.signature, at = excluded.at`,
          [subject, approver, method, publicKey, signature, at],
        );
        await appendEntries(sql, 'estate', [line]);
      }),
    refusals: (subject) =>
      store.query<Refusal>('select by_name as by, reason, at from refusal where subject = $1 and withdrawn_at is null order by at, key', [
        subject,
      ]),
    refuse: (subject, { by, reason, at }, line) =>
      store.transaction(async (sql) => {
        const rows = await sql.query(
          'insert into refusal (subject, by_name, reason, at) values ($1, $2, $3, $4) on conflict (subject, by_name) where withdrawn_at is null do nothing returning key',
          [subject, by, reason, at],
        );
        if (rows.length > 0) await appendEntries(sql, 'estate', [line]);
      }),
    withdraw: (subject, by, at, line) =>
      store.transaction(async (sql) => {
        const rows = await sql.query(
          'update refusal set withdrawn_at = $3 where subject = $1 and by_name = $2 and withdrawn_at is null returning key',
          [subject, by, at],
        );
        if (rows.length > 0) await appendEntries(sql, 'estate', [line]);
        return rows.length > 0;
      }),
  };
}

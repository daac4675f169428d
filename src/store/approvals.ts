// Approvals per plan or hand-over, one row per approver.
import type { ApprovalStore, StoredApproval } from '../approve/port.ts';
import type { Sql } from './sql.ts';

type Row = { approver: string; method: string; public_key: string; signature: string; at: Date };

export function approvalStore(sql: Sql): ApprovalStore {
  return {
    async of(subject): Promise<StoredApproval[]> {
      const rows = await sql.query<Row>(
        'select approver, method, public_key, signature, at from approval where plan = $1 order by at, approver',
        [subject],
      );
      return rows.map((r) => ({ approver: r.approver, method: r.method, publicKey: r.public_key, signature: r.signature, at: r.at }));
    },
    async put(subject, { approver, method, publicKey, signature, at }): Promise<void> {
      await sql.query(
        `insert into approval (plan, approver, method, public_key, signature, at) values ($1, $2, $3, $4, $5, $6)
         on conflict (plan, approver) do update set method = excluded.method, public_key = excluded.public_key, signature = excluded.signature, at = excluded.at`,
        [subject, approver, method, publicKey, signature, at],
      );
    },
  };
}

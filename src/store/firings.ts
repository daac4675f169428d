// Firings of playbooks, the signatures under them, and the copy of those that a run was started with.
import type { ApprovalStore } from '../approve/port.ts';
import type { PreApproval } from '../prove/port.ts';
import type { Firing, FiringStore } from '../trigger/port.ts';
import { appendEntries } from './evidence.ts';
import type { Sql, Store } from './sql.ts';

type Row = {
  id: string;
  playbook: string;
  playbook_hash: string;
  call_key: string;
  request: string;
  fired_by: string;
  incident: string;
  plan: string | null;
  run: string | null;
  over: string | null;
  created_at: Date;
};
const columns =
  'f.id, f.playbook, f.playbook_hash, f.call_key, f.request, f.fired_by, f.incident, f.plan, coalesce(f.run, (select r.id from run r where r.plan = f.plan)) as run, f.over, f.created_at';

const firingOf = (r: Row): Firing => ({
  id: r.id,
  playbook: r.playbook,
  playbookHash: r.playbook_hash,
  callKey: r.call_key,
  request: r.request,
  by: r.fired_by,
  incident: r.incident,
  plan: r.plan,
  run: r.run,
  over: r.over,
  createdAt: r.created_at,
});

export function firingStore(store: Store): FiringStore {
  const one = async (where: string, params: readonly unknown[]): Promise<Firing | undefined> => {
    const [row] = await store.query<Row>(`select ${columns} from firing f where ${where}`, params);
    return row === undefined ? undefined : firingOf(row);
  };
  return {
    begin: async (f, now, until) => {
      await store.query(
        `insert into firing(id, playbook, playbook_hash, call_key, request, fired_by, incident, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8::timestamptz) on conflict (playbook, call_key) do nothing`,
        [f.id, f.playbook, f.playbookHash, f.callKey, f.request, f.by, f.incident, f.createdAt],
      );
      const held = await store.query(
        `update firing set held_until = $4::timestamptz where playbook = $1 and call_key = $2 and (held_until is null or held_until <= $3::timestamptz) returning id`,
        [f.playbook, f.callKey, now, until],
      );
      const firing = await one('f.playbook = $1 and f.call_key = $2', [f.playbook, f.callKey]);
      if (firing === undefined) throw new Error(`the firing ${f.id} was not stored`);
      return { firing, mine: held.length > 0 };
    },
    earlier: (f, since) =>
      one(
        `f.playbook = $1 and f.request::json->>'parameters' = $2::json->>'parameters' and f.id <> $3 and f.plan is not null and f.created_at > $4::timestamptz order by f.created_at desc limit 1`,
        [f.playbook, f.request, f.id, since],
      ),
    planned: async (f, plan, over, line) => {
      await store.transaction(async (sql) => {
        await sql.query(`update firing set plan = $2, over = $3 where id = $1`, [f.id, plan, over]);
        await sql.query(`insert into event(kind, plan, detail) values ('trigger.fired', $1, $2::jsonb)`, [
          plan,
          JSON.stringify({ by: f.by, playbook: f.playbook }),
        ]);
        await appendEntries(sql, 'estate', [line]);
      });
    },
    letGo: async (id) => {
      await store.query(`update firing set held_until = null where id = $1`, [id]);
    },
    find: (playbook, id) => one('f.playbook = $1 and f.id = $2', [playbook, id]),
  };
}

/** Inside the transaction that makes the run: the signatures it was started with cannot change afterwards. */
export async function keepPreApproval(
  sql: Sql,
  plan: string,
  run: string,
  kept: PreApproval & { readonly parameters: unknown },
): Promise<void> {
  await sql.query(`insert into pre_approval(plan, playbook, parameters, approvals) values ($1, $2, $3::jsonb, $4::jsonb)`, [
    plan,
    kept.playbook,
    JSON.stringify(kept.parameters),
    JSON.stringify(kept.approvals.map(({ at, ...rest }) => ({ ...rest, at: at.toISOString() }))),
  ]);
  await sql.query(`update firing set run = $2 where plan = $1`, [plan, run]);
}

type ApprovalRow = { approver: string; method: string; public_key: string; signature: string; at: Date };

/** Signatures under a playbook live apart from those under plans: neither can stand in for the other. */
export function playbookApprovals(store: Store, playbook: string): ApprovalStore {
  return {
    of: async () => {
      const rows = await store.query<ApprovalRow>(
        `select approver, method, public_key, signature, at from playbook_approval where playbook = $1 order by at, approver`,
        [playbook],
      );
      return rows.map((r) => ({ approver: r.approver, method: r.method, publicKey: r.public_key, signature: r.signature, at: r.at }));
    },
    put: (_subject, a, line) =>
      store.transaction(async (sql) => {
        await sql.query(
          `insert into playbook_approval(playbook, approver, method, public_key, signature, at) values ($1, $2, $3, $4, $5, $6::timestamptz)
           on conflict (playbook, approver) do update set method = excluded.method, public_key = excluded.public_key, signature = excluded.signature, at = excluded.at`,
          [playbook, a.approver, a.method, a.publicKey, a.signature, a.at],
        );
        await appendEntries(sql, 'estate', [line]);
      }),
    // Whoever does not want a playbook takes their name off it in the estate file, which voids every signature.
    refusals: async () => [],
    refuse: async () => undefined,
    withdraw: async () => false,
  };
}

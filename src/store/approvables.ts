// Plans and hand-overs that people approve, newest first, in keyset pages; whether they are approved is not decided here.
import type { Sql } from './sql.ts';

export type Approvable = {
  readonly id: string;
  readonly kind: 'plan' | 'handover';
  readonly createdAt: Date;
  /** A hand-over's request as it was hashed; null for a plan, whose header says it all. */
  readonly request: string | null;
  /** The run that was started from it, or that it was written of. */
  readonly used: boolean;
};

export type ApprovablesQuery = {
  readonly before?: { readonly createdAt: Date; readonly id: string };
  readonly limit: number;
  /** `open`: not used and not expired. */
  readonly among: 'all' | 'open' | 'used' | 'expired';
  readonly now: Date;
};

export async function approvables(sql: Sql, { before, limit, among, now }: ApprovablesQuery): Promise<readonly Approvable[]> {
  return sql.query<Approvable>(
    `select * from (
       select p.id, 'plan' as kind, p.created_at as "createdAt", null as request, p.expires_at, exists (select from run r where r.plan = p.id) as used
         from plan p where p.header <> '' and ($1::timestamptz is null or (p.created_at, p.id) < ($1, $2::text))
       union all
       select h.id, 'handover', h.created_at, h.request, h.expires_at, h.written_at is not null
         from handover h where $1::timestamptz is null or (h.created_at, h.id) < ($1, $2::text)
     ) every
     where case $3::text when 'open' then not used and expires_at > $4 when 'used' then used when 'expired' then not used and expires_at <= $4 else true end
     order by "createdAt" desc, id desc limit $5::int4`,
    [before?.createdAt ?? null, before?.id ?? null, among, now, limit],
  );
}

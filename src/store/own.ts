// What is somebody's, as SQL: accounts they own or are the identity of, and everything on systems they own. Null = no limit.
import type { Sql } from './sql.ts';

/** Over alias `a` (account). `own`: the parameter that holds the identity. */
export const ownAccount = (own: string): string =>
  `(${own}::text is null or a.owner = ${own}::text or a.identity = ${own}::text or exists (select 1 from system os where os.id = a.system and os.owner = ${own}::text))`;

/** Over alias `i` (item). */
export const ownItem = (own: string): string =>
  `(${own}::text is null or exists (select 1 from account a where a.key = i.account and ${ownAccount(own)}))`;

/** `id`: the account's own, within its system. */
export async function ownsAccount(sql: Sql, system: string, id: string, own: string): Promise<boolean> {
  const rows = await sql.query(`select 1 from account a where a.system = $1 and a.id = $2 and ${ownAccount('$3')}`, [system, id, own]);
  return rows.length > 0;
}

/** `account`: SYSTEM/ACCOUNT, by any of its names; of several, all have to be theirs. */
export async function ownsItem(sql: Sql, run: string, account: string, own: string): Promise<boolean> {
  const [row] = await sql.query<{ theirs: boolean | null }>(
    `select bool_and(${ownAccount('$3')}) as theirs from item i join run r on r.key = i.run join account a on a.key = i.account
      where r.id = $1 and $2 in (a.system || '/' || a.name, a.system || '/' || a.id, a.system || '/' || a.login)`,
    [run, account, own],
  );
  return row?.theirs === true;
}

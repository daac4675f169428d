// Messages as people read them, newest first.
import type { MessageState, MessageView } from '../domain/message-view.ts';
import type { Paged } from '../domain/view.ts';
import { keyCursor } from './key-cursor.ts';
import type { Sql } from './sql.ts';

type Row = Omit<MessageView, 'createdAt' | 'sentAt' | 'nextAt'> & { key: string; created_at: Date; sent_at: Date | null; next_at: Date };

export async function noticePage(
  sql: Sql,
  page: { readonly cursor?: string; readonly limit: number; readonly state?: MessageState },
): Promise<Paged<MessageView>> {
  const rows = await sql.query<Row>(
    `select key::text as key, id, channel, nullif(person, '') as person, address, thread, template, state, tries, reason, created_at, sent_at, next_at
       from message where ($1::int8 is null or key < $1::int8) and ($2::text is null or state = $2) order by message.key desc limit $3::int4`,
    [keyCursor(page.cursor), page.state ?? null, page.limit + 1],
  );
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  const items = shown.map(({ key: _, created_at, sent_at, next_at, ...rest }) => ({
    ...rest,
    createdAt: created_at.toISOString(),
    sentAt: sent_at?.toISOString() ?? null,
    nextAt: rest.state === 'ready' ? next_at.toISOString() : null,
  }));
  return rows.length > page.limit && last !== undefined ? { items, cursor: last.key } : { items };
}

// The store behind sign-in: members, codes, passkeys, sessions, tokens, and the entries of the estate's log that tell of them.
import type { AccessStore } from '../access/port.ts';
import { appendEntries } from './evidence.ts';
import { codeRows } from './join-codes.ts';
import { noCursor } from './key-cursor.ts';
import { memberRows } from './members.ts';
import { challengeRows, passkeyRows } from './passkeys.ts';
import { sessionRows, tokenRows } from './sessions.ts';
import type { Store } from './sql.ts';

export function accessStore(store: Store): AccessStore {
  return {
    transaction: (work) => store.transaction(() => work()),
    record: (lines) => appendEntries(store, 'estate', lines),
    log: async (before, limit, { by, event, since } = {}) => {
      const { xid, seq } = placeOf(before);
      return store.query(
        `select line, xid::text || '.' || seq::text as cursor from entry
          where log = (select key from log where name = 'estate') and strpos(line, '"kind":"access"') > 0
            and ($4::text is null or strpos(lower(line), lower($4)) > 0) and ($5::text is null or strpos(line, $5) > 0)
            and ($6::text is null or substring(line from '"at":"([^"]*)"') >= $6)
            and ($1::xid8 is null or (xid, seq) < ($1::xid8, $2::int8)) order by xid desc, seq desc limit $3::int4`,
        [xid, seq, limit, member('by', by), member('event', event), since?.toISOString() ?? null],
      );
    },
    members: memberRows(store),
    codes: codeRows(store),
    passkeys: passkeyRows(store),
    challenges: challengeRows(store),
    sessions: sessionRows(store),
    tokens: tokenRows(store),
  };
}

/**
 * As it stands in a canonical line, which has no white space and no unescaped quote inside a text. Nothing is parsed here: one line that
 * PostgreSQL cannot read as JSON would make all of them unreadable.
 */
const member = (name: string, value: string | undefined): string | null =>
  value === undefined ? null : `${JSON.stringify(name)}:${JSON.stringify(value)}`;

/** Where a page ended; 19 and 18 digits are less than the largest there can be. */
function placeOf(cursor: string | undefined): { readonly xid: string | null; readonly seq: string | null } {
  if (cursor === undefined) return { xid: null, seq: null };
  const [, xid, seq] = /^(\d{1,19})\.(\d{1,18})$/.exec(cursor) ?? [];
  if (xid === undefined || seq === undefined) throw noCursor();
  return { xid, seq };
}

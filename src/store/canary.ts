// Reads how far a run's canary of one system has come. The proof of everyone whose old secret nobody holds leans on it.
import type { Where } from '../domain/verdict.ts';
import type { CanaryRecord } from '../verify/port.ts';
import type { Sql } from './sql.ts';

export function canaryRecord(sql: Sql): CanaryRecord {
  return {
    standing: async (runKey, system) => {
      const items = await sql.query<{ open: boolean }>(
        `select i.open from item i join lane l on l.key = i.lane where i.run = $1::int8 and l.system = $2 and i.canary and i.state <> 'excluded'`,
        [runKey, system],
      );
      if (items.length === 0) return { kind: 'none' };
      if (items.some((i) => i.open)) return { kind: 'open' };
      const proved = await sql.query<Where>(
        `select c.path, c.replica from item i join lane l on l.key = i.lane join cell c on c.item = i.key
          where i.run = $1::int8 and l.system = $2 and i.canary and c.verdict = 'proved' and c.level = 'probed'`,
        [runKey, system],
      );
      return { kind: 'settled', proved };
    },
  };
}

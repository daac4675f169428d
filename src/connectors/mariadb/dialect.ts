// Where MariaDB differs from MySQL in what both are asked.
import type { Dialect } from '../../protocols/mysql/server.ts';

export const dialect: Dialect = {
  limit: (seconds) => `SET SESSION max_statement_time=${seconds.toFixed(3)}`,
  // Our statements hold hashes without a salt. The first takes SUPER.
  hush: ['SET SESSION sql_log_off=1', 'SET SESSION slow_query_log=0'],
  sessions: 'information_schema.PROCESSLIST',
  status: 'information_schema.GLOBAL_STATUS',
  accounts: `(SELECT User, Host FROM mysql.global_priv WHERE IFNULL(JSON_VALUE(Priv, '$.is_role'), 0) = 0) AS accounts`,
  kill: (id) => `KILL HARD CONNECTION ${id}`,
};

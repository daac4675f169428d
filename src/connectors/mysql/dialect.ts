// Where MySQL differs from MariaDB in what both are asked.
import type { Dialect } from '../../protocols/mysql/server.ts';

export const dialect: Dialect = {
  // For SELECT only: MySQL has no such limit for other statements.
  limit: (seconds) => `SET SESSION max_execution_time=${Math.floor(seconds * 1000)}`,
  // SYSTEM_VARIABLES_ADMIN or SESSION_VARIABLES_ADMIN; without it the general log holds salted hashes.
  hush: ['SET SESSION sql_log_off=1'],
  sessions: 'performance_schema.processlist',
  status: 'performance_schema.global_status',
  accounts: 'mysql.user',
  kill: (id) => `KILL CONNECTION ${id}`,
};

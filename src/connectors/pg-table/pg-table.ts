// Secrets that applications read from a row of a PostgreSQL table: one column of one row, changed under a lock and read back.
import { defineConnector } from '../../kit/kit.ts';
import { storeSupports } from '../../kit/roles.ts';
import { check } from './check.ts';
import { config } from './config.ts';
import { sessions } from './session.ts';
import { store } from './store.ts';

export const pgTable = defineConnector({
  id: 'pg-table',
  title: 'PostgreSQL table',
  role: 'store',
  config,
  supports: { ...storeSupports, check: true },
  permissions: {
    check: ['CONNECT on the database'],
    storeConsumer: [
      'USAGE on the schema',
      'SELECT on the key columns and the column of the secret',
      'UPDATE on the column of the secret, no other',
      'TEMPORARY on the database (PUBLIC has it unless revoked)',
    ],
  },
  derivatives: [
    {
      what: 'The value in the memory of consumers that read the row before',
      killedBy: 'NOTIFY where they listen (`reload`), a restart where they do not',
      residual: 'as long as the process runs',
    },
    {
      what: 'The old row: dead tuples, write-ahead log, standbys, backups, audit triggers and history tables',
      killedBy: 'VACUUM and the retention of the rest; the reset at the system itself makes them worthless',
      residual: 'none once the old secret is denied',
    },
    {
      what: 'Caches and poolers in front of the table',
      killedBy: 'their own expiry or restart',
      residual: 'as long as they cache',
    },
  ],
  pace: { perSecond: 40, concurrency: 4, setMs: 30, probeMs: 15 },
  async open(settings, io) {
    const open = sessions(await import('pg'), settings, io);
    return {
      check: check(settings, open),
      storeConsumer: store(settings, open),
      async [Symbol.asyncDispose]() {},
    };
  },
});

// Which other servers honour the same accounts, how far they are behind, and which are not in the estate file.
import type { Check } from '../../kit/kit.ts';
import type { Server } from '../../protocols/mysql/server.ts';

export async function replicaCheck(server: Server): Promise<Check> {
  const { replica } = server.endpoint;
  const identity = await server.identity();
  if (identity.kind !== 'rows') {
    const code = identity.kind === 'failed' ? String(identity.errno) : identity.code;
    return {
      id: 'replicas',
      verdict: 'fail',
      message: `${replica} does not let Rekey in (${code})`,
      next: 'Start it, or take it out of config.replicas: what is not proved stays open.',
    };
  }
  const answer = await server.query<Record<string, string | number | null>>('SHOW ALL SLAVES STATUS');
  if (answer.kind !== 'rows')
    return {
      id: 'replicas',
      verdict: 'warn',
      message: `${replica}: how far it is behind cannot be read`,
      next: 'GRANT REPLICA MONITOR ON *.* TO the Rekey account.',
    };
  const galera = await server.query<{ Value: string }>(`SHOW GLOBAL STATUS LIKE 'wsrep_ready'`);
  if (galera.kind === 'rows' && galera.rows[0]?.Value === 'ON')
    return { id: 'replicas', verdict: 'ok', message: `${replica} is a Galera node` };
  const [status] = answer.rows;
  if (status === undefined)
    return {
      id: 'replicas',
      verdict: 'fail',
      message: `${replica} does not replicate`,
      next: 'It has accounts of its own: make it a system of its own.',
    };
  const ignored = ['Replicate_Ignore_DB', 'Replicate_Wild_Ignore_Table', 'Replicate_Ignore_Table'].map((key) => String(status[key] ?? ''));
  if (ignored.some((each) => /\bmysql\b/.test(each)))
    return {
      id: 'replicas',
      verdict: 'fail',
      message: `${replica} leaves the schema mysql out: it has accounts of its own`,
      next: 'Make it a system of its own.',
    };
  if (status.Slave_SQL_Running !== 'Yes' || status.Slave_IO_Running !== 'Yes')
    return {
      id: 'replicas',
      verdict: 'warn',
      message: `${replica}: replication has stopped, it honours old passwords`,
      next: 'START REPLICA on it.',
    };
  return {
    id: 'replicas',
    verdict: 'ok',
    message: `${replica} follows, ${status.Seconds_Behind_Master ?? 'an unknown number of'} s behind`,
  };
}

export async function* undeclared(server: Server, declared: number): AsyncGenerator<Check> {
  const answer = await server.query<{ n: string | number }>(
    `SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE COMMAND IN ('Binlog Dump', 'Binlog Dump GTID')`,
  );
  const followers = answer.kind === 'rows' ? Number(answer.rows[0]?.n ?? 0) : 0;
  if (followers > declared)
    yield {
      id: 'replicas',
      verdict: 'warn',
      message: `${followers} servers follow this one, ${declared} are in the estate file`,
      next: 'List each that takes logins under config.replicas: it is not proved otherwise.',
    };
}

// Connection trouble of the SQL driver as a Problem that names the remedy; SQL errors keep their own code (23505, 40001, …).
import { Problem } from '../domain/problem.ts';

/** 08: connection exception; 57P01–03: the server stops, crashed or starts; 53300: too many connections. */
const lostStates = /^(08...|57P0[123]|53300)$/;
const lostErrno = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const lostText =
  /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Client was closed|Cannot use a pool after)/;

export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof Problem) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return lostStates.test(code) || lostErrno.has(code) || lostText.test(error.message);
}

/** 40001 serialization failure, 40P01 deadlock: nothing was stored, the whole transaction may be tried again. */
export function isRetryable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '40001' || error.code === '40P01');
}

export function driverProblem(error: unknown): unknown {
  if (error instanceof Problem || !isConnectionLost(error)) return error;
  const { message } = error as Error;
  if (message.startsWith('Cannot use a pool after'))
    return new Problem('internal', {
      message: 'The store is closed.',
      hint: 'A statement came after shutdown began; nothing of it was stored.',
    });
  if (message.startsWith('timeout exceeded when trying to connect'))
    return new Problem('target-unreachable', {
      message: 'No database connection became free in time.',
      hint: 'The database is overloaded or unreachable, or a transaction waits for itself; look at pg_stat_activity.',
    });
  return new Problem('target-unreachable', {
    message: `The database connection was lost: ${message}`,
    hint: 'Rekey connects again with the next statement; check that the database runs and is reachable.',
  });
}

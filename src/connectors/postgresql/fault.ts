// What each answer of the server means for a statement, as data. Only what certainly left the role unchanged is `refused`; the rest is in doubt.
import { type Fault, type FaultCode, indeterminate, type Outcome, refused } from '../../kit/kit.ts';

/** The parts of the driver's error that we read. `severity` may be in the server's language; `routine` never is. */
export type ServerError = { readonly code?: string; readonly severity?: string; readonly routine?: string; readonly message: string };

/** How a statement ended. `unsent`: no connection was got, nothing was sent. `failed`: the server answered with an error. `lost`: no answer. */
export type Answer<Row> =
  | { readonly kind: 'rows'; readonly rows: readonly Row[] }
  | { readonly kind: 'unsent' | 'failed' | 'lost'; readonly error: ServerError };

type Meaning = { readonly fault: FaultCode; readonly say: string };

/** An ERROR with one of these has rolled the statement's transaction back. Codes not listed are in doubt. */
export const statementCodes: Readonly<Record<string, Meaning>> = {
  '0A000': { fault: 'unsupported', say: 'the server does not offer this' },
  '22012': { fault: 'conflict', say: 'the role was renamed or replaced meanwhile' },
  '22023': { fault: 'policy', say: 'a password check of the server refused the value' },
  '25006': { fault: 'unreachable', say: 'this server is a standby and takes no changes: point `host` at the primary' },
  '28000': { fault: 'policy', say: 'a password check of the server refused the value' },
  '28P01': { fault: 'policy', say: 'a password check of the server refused the value' },
  '3D000': { fault: 'not-found', say: 'the database does not exist' },
  '40001': { fault: 'conflict', say: 'another transaction changed the same row' },
  '40P01': { fault: 'conflict', say: 'the server broke a deadlock' },
  '42501': { fault: 'permission', say: 'the Rekey role may not do this' },
  '42601': { fault: 'unsupported', say: 'the server does not understand the statement' },
  '42704': { fault: 'not-found', say: 'the role does not exist' },
  '42883': { fault: 'unsupported', say: 'the server has no such function' },
  '42P01': { fault: 'not-found', say: 'the server has no such relation' },
  '53100': { fault: 'throttled', say: 'the server has no disk space left' },
  '53200': { fault: 'throttled', say: 'the server has no memory left' },
  '53300': { fault: 'throttled', say: 'the server has no connection left' },
  '55P03': { fault: 'throttled', say: 'a lock was not to be had in time' },
  '57014': { fault: 'throttled', say: 'the server cancelled the statement after its timeout' },
};

/** Before anything was sent. Node's own codes are matched by prefix. */
export const connectCodes: Readonly<Record<string, Meaning>> = {
  '28000': { fault: 'auth', say: 'the server does not let the Rekey role log in' },
  '28P01': { fault: 'auth', say: 'the server refused the password of the Rekey role' },
  '3D000': { fault: 'not-found', say: 'the database does not exist' },
  '42501': { fault: 'permission', say: 'the Rekey role may not connect to this database' },
  '53300': { fault: 'throttled', say: 'the server has no connection left' },
  '57P03': { fault: 'unreachable', say: 'the server is starting, stopping or takes no logins' },
  EPOOL: { fault: 'throttled', say: 'none of our own connections was free in time' },
};

/** Never with the server's own text: a password check may quote the statement in it. */
export function outcomeOf(answer: Exclude<Answer<unknown>, { kind: 'rows' }>): Outcome<never> {
  const { error } = answer;
  const target = error.code ?? 'no-code';
  const more: Partial<Fault> = { target };
  if (answer.kind === 'unsent') {
    const known = connectCodes[target];
    return known === undefined
      ? refused('unreachable', `no connection to the server (${target})`, more)
      : refused(known.fault, `${known.say} (${target})`, more);
  }
  if (answer.kind === 'lost') return indeterminate('unreachable', `the connection was lost before the answer came (${target})`, more);
  const known = statementCodes[target];
  if (known !== undefined && !isFatal(error)) return refused(known.fault, `${known.say} (${target})`, more);
  return indeterminate('protocol', `the server answered ${target}, which does not say whether the change was made`, more);
}

/** A FATAL may come between the commit and its confirmation. */
function isFatal(error: ServerError): boolean {
  return error.severity === 'FATAL' || error.severity === 'PANIC';
}

/** Two writers on one row of pg_authid: an internal error (never translated) that certainly changed nothing. */
export function isConcurrentUpdate(error: ServerError): boolean {
  return error.code === 'XX000' && error.message === 'tuple concurrently updated';
}

// What each answer of the server means, as data. Before COMMIT is sent nothing is ever in doubt: a transaction without it never happened.
import { type Fault, type FaultCode, indeterminate, type Outcome, refused } from '../../kit/kit.ts';

/** `connecting` and `working`: COMMIT was not sent. `committing`: it was. `reading`: the commit is confirmed, what follows only looks. */
export type Phase = 'connecting' | 'working' | 'committing' | 'reading';

type Meaning = { readonly fault: FaultCode; readonly say: string };

/** Errors that roll the transaction back. Never with the server's own text: the detail of a failed constraint quotes the row. */
export const answers: Readonly<Record<string, Meaning>> = {
  '21000': { fault: 'conflict', say: 'the statement met more rows than one' },
  '22001': { fault: 'policy', say: 'the value is too long for the column' },
  '22021': { fault: 'policy', say: 'the value has characters the database cannot hold' },
  '22P02': { fault: 'unsupported', say: 'a key value of the ref does not fit the type of its column' },
  '22003': { fault: 'unsupported', say: 'a key value of the ref does not fit the type of its column' },
  '22P05': { fault: 'policy', say: 'the value has characters the database cannot hold' },
  '23502': { fault: 'policy', say: 'a constraint of the table refuses the value' },
  '23503': { fault: 'policy', say: 'a constraint of the table refuses the value' },
  '23505': { fault: 'policy', say: 'a unique constraint of the table refuses the value' },
  '23514': { fault: 'policy', say: 'a constraint of the table refuses the value' },
  '25006': { fault: 'unreachable', say: 'this server is a standby and takes no changes: point `host` at the primary' },
  '28000': { fault: 'auth', say: 'the server does not let the user of this store log in' },
  '28P01': { fault: 'auth', say: 'the server refused the password of this store' },
  '3D000': { fault: 'not-found', say: 'the database does not exist' },
  '3F000': { fault: 'not-found', say: 'the schema does not exist' },
  '40001': { fault: 'conflict', say: 'another transaction changed the same row' },
  '40P01': { fault: 'conflict', say: 'the server broke a deadlock' },
  '42501': { fault: 'permission', say: 'the user of this store may not do this' },
  '42703': { fault: 'not-found', say: 'a column of the table does not exist' },
  '42804': { fault: 'unsupported', say: 'the column of the secret is not of a text type' },
  '42883': { fault: 'unsupported', say: 'the column of the secret is not of a text type' },
  '42P01': { fault: 'not-found', say: 'the table does not exist' },
  '44000': { fault: 'policy', say: 'the check option of a view refuses the value' },
  '53100': { fault: 'throttled', say: 'the server has no disk space left' },
  '53200': { fault: 'throttled', say: 'the server has no memory left' },
  '53300': { fault: 'throttled', say: 'the server has no connection left' },
  '55P03': { fault: 'throttled', say: 'somebody else holds the row locked' },
  '57014': { fault: 'throttled', say: 'the server cancelled the statement after its timeout' },
  '57P03': { fault: 'unreachable', say: 'the server is starting, stopping or takes no logins' },
  P0001: { fault: 'policy', say: 'a trigger of the table refuses the value' },
};

export function outcomeOf(error: unknown, phase: Phase, cutOff: string | undefined): Outcome<never> {
  const target = cutOff ?? codeOf(error);
  const more: Partial<Fault> = { target };
  const { severity } = error as { severity?: unknown };
  const known = answers[target];
  // An ERROR of the server, COMMIT's own included (deferred constraints), rolled back. A FATAL may come between the commit and its answer.
  if (cutOff === undefined && known !== undefined && (phase !== 'committing' || severity === 'ERROR'))
    return phase === 'reading'
      ? indeterminate(known.fault, `${written}; ${known.say} (${target})`, more)
      : refused(known.fault, `${known.say} (${target})`, more);
  switch (phase) {
    case 'connecting':
      return refused('unreachable', `no connection to the server (${target})`, more);
    case 'working':
      return refused('unreachable', `the transaction ended before it was committed, so nothing changed (${target})`, more);
    case 'committing':
      return indeterminate('unreachable', `the commit was sent, its answer did not come (${target})`, more);
    case 'reading':
      return indeterminate('unreachable', `${written} (${target})`, more);
  }
}

const written = 'written, but it could not be read back';

/** The server's SQLSTATE, Node's code, or a name for what has none. */
export function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code !== '' ? code : 'ECONNRESET';
}

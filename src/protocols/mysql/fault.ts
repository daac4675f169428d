// What each answer of the server means for a statement, as data. Only what certainly left the account unchanged is `refused`; the rest is in doubt.
import { type Fault, type FaultCode, indeterminate, type Outcome, refused } from '../../kit/kit.ts';

/** How a statement ended. `unsent`: no connection was got, nothing was sent. `failed`: the server answered with an error. `lost`: no answer. */
export type Answer<Row> =
  | { readonly kind: 'rows'; readonly rows: readonly Row[] }
  | { readonly kind: 'failed'; readonly errno: number; readonly text: string }
  | { readonly kind: 'unsent'; readonly errno?: number; readonly code: string }
  | { readonly kind: 'lost'; readonly code: string };

type Meaning = { readonly fault: FaultCode; readonly say: string };

/** Each is told before anything is changed. Numbers not listed are in doubt: 1317, 1927, 1969 and 3024 stop a statement at any point of it. */
export const statementErrors: Readonly<Record<number, Meaning>> = {
  1044: { fault: 'permission', say: 'the Rekey account may not use the schema mysql' },
  1064: { fault: 'unsupported', say: 'the server does not understand the statement' },
  1094: { fault: 'not-found', say: 'the session has ended' },
  1095: { fault: 'permission', say: "the Rekey account may not end others' sessions" },
  1142: { fault: 'permission', say: 'the Rekey account may not read this table' },
  1143: { fault: 'permission', say: 'the Rekey account may not read this column' },
  1146: { fault: 'unsupported', say: 'the server has no such table' },
  1193: { fault: 'unsupported', say: 'the server has no such variable' },
  1205: { fault: 'throttled', say: 'a lock was not to be had in time' },
  1227: { fault: 'permission', say: 'the Rekey account lacks a privilege for this' },
  1238: { fault: 'permission', say: 'the variable cannot be set' },
  1290: { fault: 'unsupported', say: 'an option of the server forbids this statement' },
  1396: { fault: 'not-found', say: 'the account does not exist, or the server cannot change it' },
  1524: { fault: 'unsupported', say: "the account's plugin is not loaded" },
  1819: { fault: 'policy', say: 'a password check of the server refused the value' },
  1820: { fault: 'auth', say: 'the password of the Rekey account has expired' },
  1827: { fault: 'policy', say: "the hash is not one of the account's plugin" },
  1836: { fault: 'unreachable', say: 'the server is read-only: point `host` at the one that takes changes' },
  3638: { fault: 'policy', say: 'the password history of the server refused the value' },
  3894: { fault: 'unsupported', say: "the account's plugin cannot keep a second password" },
  3895: { fault: 'unsupported', say: 'an empty current password cannot be retained' },
};

/** Before anything was sent. */
export const connectErrors: Readonly<Record<number, Meaning>> = {
  1040: { fault: 'throttled', say: 'the server has no connection left' },
  1045: { fault: 'auth', say: 'the server refused the password of the Rekey account' },
  1129: { fault: 'unreachable', say: 'the server has blocked this machine after too many broken connections' },
  1130: { fault: 'auth', say: 'the server lets no account in from this machine' },
  1203: { fault: 'throttled', say: 'the Rekey account has no connection left' },
  1226: { fault: 'throttled', say: 'a resource limit of the Rekey account is reached' },
  1820: { fault: 'auth', say: 'the password of the Rekey account has expired' },
  1862: { fault: 'auth', say: 'the password of the Rekey account has expired' },
  3118: { fault: 'auth', say: 'the Rekey account is locked' },
  3955: { fault: 'auth', say: 'the Rekey account is locked after failed logins' },
  4150: { fault: 'auth', say: 'the Rekey account is blocked after failed logins' },
  4151: { fault: 'auth', say: 'the Rekey account is locked' },
};

/** A lock or a place is free again within about this. */
const retryAfterMs = 500;

/** Never with the server's own text: it may quote the statement. */
export function outcomeOf(answer: Exclude<Answer<unknown>, { kind: 'rows' }>): Outcome<never> {
  if (answer.kind === 'lost')
    return indeterminate('unreachable', `the connection was lost before the answer came (${answer.code})`, { target: answer.code });
  if (answer.kind === 'unsent') {
    const known = answer.errno === undefined ? ownCodes[answer.code] : connectErrors[answer.errno];
    const target = answer.errno === undefined ? answer.code : String(answer.errno);
    return known === undefined
      ? refused('unreachable', `no connection to the server (${target})`, { target })
      : refused(known.fault, `${known.say} (${target})`, more(known, target));
  }
  const target = String(answer.errno);
  const known = answer.errno === 1290 ? forbidden(answer.text) : statementErrors[answer.errno];
  if (known !== undefined) return refused(known.fault, `${known.say} (${target})`, more(known, target));
  return indeterminate('protocol', `the server answered ${target}, which does not say whether the change was made`, { target });
}

const ownCodes: Readonly<Record<string, Meaning>> = {
  EPOOL: { fault: 'throttled', say: 'none of our own connections was free in time' },
  EOWNSECRET: { fault: 'auth', say: "the Rekey account's own password could not be read" },
};

const more = (meaning: Meaning, target: string): Partial<Fault> => ({ target, ...(meaning.fault === 'throttled' ? { retryAfterMs } : {}) });

/** One number for every option; which one it is stands in the text, untranslated. */
function forbidden(text: string): Meaning | undefined {
  if (text.includes('--strict-password-validation'))
    return {
      fault: 'policy',
      say: 'strict_password_validation is on, so the server takes no hashes: SET GLOBAL strict_password_validation = OFF, Rekey keeps the rules itself',
    };
  if (text.includes('read-only') || text.includes('read_only')) return statementErrors[1836];
  if (text.includes('--skip-grant-tables'))
    return { fault: 'unsupported', say: 'the server runs with --skip-grant-tables: every login is let in' };
  return statementErrors[1290];
}

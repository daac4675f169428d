// What the server demands of a secret and how it punishes wrong ones. A verifier passes every check of length; the values follow the rules all the same.
import { type Capabilities, done, type Outcome, type PasswordPolicy } from '../../kit/kit.ts';
import { outcomeOf } from './fault.ts';
import type { Server } from './server.ts';

export type Rules = {
  /** `undefined`: not readable without pg_read_all_settings. */
  readonly libraries: readonly string[] | undefined;
  readonly minLength: number;
  readonly encryptedAllowed: boolean | undefined;
  readonly maxFailures: number;
  readonly logStatement: string | undefined;
  readonly logsOurs: boolean;
  readonly passwordEncryption: string;
  /** 16 and later say how many rounds they want; earlier ones have a fixed number. */
  readonly iterations: number | undefined;
};

type Row = {
  readonly libraries: string | null;
  readonly min_length: string | null;
  readonly encrypted: string | null;
  readonly max_failures: string | null;
  readonly log_statement: string | null;
  readonly encryption: string;
  readonly iterations: string | null;
};

/** current_setting() of a setting the role may not read is an error: pg_settings leaves it out instead. */
const rulesSql = `
SELECT (SELECT setting FROM pg_settings WHERE name = 'shared_preload_libraries') AS libraries,
  current_setting('credcheck.password_min_length', true) AS min_length,
  current_setting('credcheck.encrypted_password_allowed', true) AS encrypted,
  current_setting('credcheck.max_auth_failure', true) AS max_failures,
  current_setting('log_statement') AS log_statement, current_setting('password_encryption') AS encryption,
  current_setting('scram_iterations', true) AS iterations`;

export async function readRules(server: Server): Promise<Outcome<Rules>> {
  const answer = await server.query<Row>(rulesSql);
  if (answer.kind !== 'rows') return outcomeOf(answer);
  const [row] = answer.rows;
  return done(
    rulesOf(
      row ?? {
        libraries: null,
        min_length: null,
        encrypted: null,
        max_failures: null,
        log_statement: null,
        encryption: 'scram-sha-256',
        iterations: null,
      },
    ),
  );
}

export function rulesOf(row: Row): Rules {
  const libraries =
    row.libraries === null
      ? undefined
      : row.libraries
          .split(',')
          .map((name) => name.trim().replaceAll('"', '').replace(/^.*\//, ''))
          .filter((name) => name !== '');
  const credcheck = row.max_failures !== null || row.min_length !== null || libraries?.includes('credcheck') === true;
  return {
    libraries,
    minLength: Math.max(libraries?.includes('passwordcheck') === true ? 8 : 0, Number(row.min_length ?? 0)),
    encryptedAllowed: credcheck ? row.encrypted === 'on' : undefined,
    maxFailures: Number(row.max_failures ?? 0),
    logStatement: row.log_statement ?? undefined,
    logsOurs: row.log_statement === 'all' || row.log_statement === 'ddl' || row.log_statement === 'mod',
    passwordEncryption: row.encryption,
    iterations: row.iterations === null ? undefined : Number(row.iterations),
  };
}

export function passwordPolicy(primary: Server): Capabilities['passwordPolicy'] {
  return {
    async read() {
      const rules = await readRules(primary);
      if (rules.kind !== 'done') return rules;
      const { minLength, libraries } = rules.value;
      const policy: PasswordPolicy = {
        ...(minLength > 0 ? { minLength } : {}),
        // passwordcheck wants letters and others, credcheck what its own settings say: letters in both cases and digits satisfy both.
        ...(libraries?.includes('passwordcheck') === true || libraries?.includes('credcheck') === true ? { classes: 3 } : {}),
      };
      return done(policy);
    },
  };
}

/** The server itself never locks; credcheck bans after `max_auth_failure`, auth_delay only makes a refusal slow. */
export function lockout(primary: Server): Capabilities['lockout'] {
  return {
    async read() {
      const rules = await readRules(primary);
      if (rules.kind !== 'done') return rules;
      const { maxFailures } = rules.value;
      return done({ threshold: maxFailures, failures: maxFailures === 0 ? 0 : undefined, resetsOnSuccess: true });
    },
  };
}

// What the server's validation plugins demand of a password, and how many wrong ones it lets pass. A hash passes by the plugins: the rules are kept here.
import { type Capabilities, done, type Outcome, type PasswordPolicy, type Secret } from '../../kit/kit.ts';
import { outcomeOf } from '../../protocols/mysql/fault.ts';
import type { Server } from '../../protocols/mysql/server.ts';

export type Rules = {
  readonly minLength: number;
  readonly digits: number;
  /** Of lower and of upper case, each. */
  readonly letters: number;
  readonly others: number;
  readonly cracklib: boolean;
  readonly reuseCheck: boolean;
  /** On beside a validation plugin: the server takes no hash at all. */
  readonly strict: boolean;
  /** 0 = never blocked. */
  readonly maxErrors: number;
  readonly readOnly: boolean;
};

/** The default of max_password_errors: never. */
const never = 4_294_967_295;
const wanted = [
  'strict_password_validation',
  'simple_password_check_%',
  'cracklib_password_check_dictionary',
  'password_reuse_check_interval',
  'max_password_errors',
  'read_only',
];

export async function readRules(server: Server): Promise<Outcome<Rules>> {
  const like = wanted.map((name) => `Variable_name LIKE '${name}'`).join(' OR ');
  const answer = await server.query<{ Variable_name: string; Value: string }>(`SHOW GLOBAL VARIABLES WHERE ${like}`);
  if (answer.kind !== 'rows') return outcomeOf(answer);
  return done(rulesOf(new Map(answer.rows.map((row) => [row.Variable_name.toLowerCase(), row.Value]))));
}

/** A plugin that is not loaded has no variables. */
export function rulesOf(variables: ReadonlyMap<string, string>): Rules {
  const number = (name: string): number => Number(variables.get(name) ?? 0);
  const cracklib = variables.has('cracklib_password_check_dictionary');
  const reuseCheck = variables.has('password_reuse_check_interval');
  const simple = variables.has('simple_password_check_minimal_length');
  const errors = number('max_password_errors');
  return {
    minLength: number('simple_password_check_minimal_length'),
    digits: number('simple_password_check_digits'),
    letters: number('simple_password_check_letters_same_case'),
    others: number('simple_password_check_other_characters'),
    cracklib,
    reuseCheck,
    strict: variables.get('strict_password_validation') === 'ON' && (simple || cracklib || reuseCheck),
    maxErrors: errors >= never ? 0 : errors,
    readOnly: !['OFF', '0', undefined].includes(variables.get('read_only')),
  };
}

/** Which rule a value breaks, in words; undefined = none. */
export function broken(rules: Rules, secret: Secret): string | undefined {
  const count = (kind: RegExp): number => secret.text((text) => text.match(kind)?.length ?? 0);
  if (secret.use((bytes) => bytes.length) < rules.minLength) return `the server asks for at least ${rules.minLength} characters`;
  if (count(/[0-9]/g) < rules.digits) return `the server asks for at least ${rules.digits} digits`;
  if (Math.min(count(/[a-z]/g), count(/[A-Z]/g)) < rules.letters)
    return `the server asks for at least ${rules.letters} letters of each case`;
  if (count(/[^0-9a-zA-Z]/g) < rules.others) return `the server asks for at least ${rules.others} other characters`;
  return undefined;
}

export function passwordPolicy(server: Server): Capabilities['passwordPolicy'] {
  return {
    async read() {
      const rules = await readRules(server);
      if (rules.kind !== 'done') return rules;
      const { minLength, digits, letters, others, cracklib } = rules.value;
      const classes = Number(digits > 0) + 2 * Number(letters > 0) + Number(others > 0);
      const policy: PasswordPolicy = {
        ...(minLength > 0 ? { minLength } : {}),
        // cracklib wants characters of several kinds and no words: all four classes at random satisfy it.
        ...(cracklib ? { classes: 4 } : classes > 0 ? { classes } : {}),
      };
      return done(policy);
    },
  };
}

/** Counted per account and server, in memory, and shown nowhere; one good login clears it. */
export function lockout(servers: readonly Server[]): Capabilities['lockout'] {
  return {
    async read(_account, where) {
      const server = servers.find(({ endpoint }) => endpoint.replica === where.replica) ?? servers[0];
      if (server === undefined) return done({ threshold: undefined, failures: undefined, resetsOnSuccess: true });
      const rules = await readRules(server);
      if (rules.kind !== 'done') return rules;
      const { maxErrors } = rules.value;
      return done({ threshold: maxErrors, failures: maxErrors === 0 ? 0 : undefined, resetsOnSuccess: true });
    },
  };
}

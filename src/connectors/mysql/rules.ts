// What validate_password demands, and how many wrong passwords an account lets pass. A hash passes by the checks: the rules are kept here.
import { type Capabilities, done, type Outcome, type PasswordPolicy, refused, type Secret } from '../../kit/kit.ts';
import { nameOf } from '../../protocols/mysql/account-name.ts';
import { outcomeOf } from '../../protocols/mysql/fault.ts';
import type { Server } from '../../protocols/mysql/server.ts';
import { readRecord } from './record.ts';

export type Rules = {
  readonly minLength: number;
  readonly digits: number;
  /** Of lower and of upper case, each. */
  readonly mixed: number;
  readonly special: number;
  readonly history: number;
  readonly readOnly: boolean;
};

export async function readRules(server: Server): Promise<Outcome<Rules>> {
  const answer = await server.query<{ Variable_name: string; Value: string }>(
    `SHOW GLOBAL VARIABLES WHERE Variable_name LIKE 'validate_password%' OR Variable_name IN ('password_history', 'super_read_only', 'read_only')`,
  );
  if (answer.kind !== 'rows') return outcomeOf(answer);
  return done(
    rulesOf(
      new Map(answer.rows.map((row) => [row.Variable_name.toLowerCase().replace('validate_password_', 'validate_password.'), row.Value])),
    ),
  );
}

/** The component says `validate_password.length`, the older plugin `validate_password_length`. Policy LOW looks at the length alone. */
export function rulesOf(variables: ReadonlyMap<string, string>): Rules {
  const number = (name: string): number => Number(variables.get(name) ?? 0);
  const low = ['LOW', '0'].includes(variables.get('validate_password.policy') ?? 'LOW');
  const counted = (name: string): number => (low ? 0 : number(name));
  return {
    minLength: number('validate_password.length'),
    digits: counted('validate_password.number_count'),
    mixed: counted('validate_password.mixed_case_count'),
    special: counted('validate_password.special_char_count'),
    history: number('password_history'),
    readOnly: ['ON', '1'].includes(variables.get('read_only') ?? '') || ['ON', '1'].includes(variables.get('super_read_only') ?? ''),
  };
}

/** Which rule a value breaks, in words; undefined = none. */
export function broken(rules: Rules, secret: Secret): string | undefined {
  const count = (kind: RegExp): number => secret.text((text) => text.match(kind)?.length ?? 0);
  if (secret.use((bytes) => bytes.length) < rules.minLength) return `the server asks for at least ${rules.minLength} characters`;
  if (count(/[0-9]/g) < rules.digits) return `the server asks for at least ${rules.digits} digits`;
  if (Math.min(count(/[a-z]/g), count(/[A-Z]/g)) < rules.mixed) return `the server asks for at least ${rules.mixed} letters of each case`;
  if (count(/[^0-9a-zA-Z]/g) < rules.special) return `the server asks for at least ${rules.special} special characters`;
  return undefined;
}

export function passwordPolicy(server: Server): Capabilities['passwordPolicy'] {
  return {
    async read() {
      const rules = await readRules(server);
      if (rules.kind !== 'done') return rules;
      const { minLength, digits, mixed, special, history } = rules.value;
      const classes = Number(digits > 0) + 2 * Number(mixed > 0) + Number(special > 0);
      const policy: PasswordPolicy = {
        ...(minLength > 0 ? { minLength } : {}),
        ...(classes > 0 ? { classes } : {}),
        ...(history > 0 ? { history } : {}),
      };
      return done(policy);
    },
  };
}

/** FAILED_LOGIN_ATTEMPTS of the account: counted in memory on each server and shown nowhere; one good login clears it. */
export function lockout(servers: readonly [Server, ...Server[]]): Capabilities['lockout'] {
  return {
    async read(account, where) {
      const name = nameOf(account.id);
      if (name === undefined) return refused('not-found', `the account id "${account.id}" is not user@host: run rekey discover`);
      const record = await readRecord(servers.find(({ endpoint }) => endpoint.replica === where.replica) ?? servers[0], name);
      if (record.kind !== 'done') return record;
      // Both have to be set for either to count.
      const { attempts, lockDays } = record.value;
      const threshold = lockDays === 0 ? 0 : attempts;
      return done({ threshold, failures: threshold === 0 ? 0 : undefined, resetsOnSuccess: true });
    },
  };
}

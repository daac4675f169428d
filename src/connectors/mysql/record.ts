// MySQL's own record of one account (mysql.user): its plugin, what it stores, and whether a second password stands beside the first.
import { z } from 'zod';
import { type AccountState, done, type Outcome, refused } from '../../kit/kit.ts';
import { idOf, literal, type Name } from '../../protocols/mysql/account-name.ts';
import { outcomeOf } from '../../protocols/mysql/fault.ts';
import { markerOf } from '../../protocols/mysql/marker.ts';
import { dateOf, type Server } from '../../protocols/mysql/server.ts';

export type RecordRow = {
  readonly user: string;
  readonly host: string;
  readonly plugin: string;
  readonly stored: string | null;
  readonly attributes: string | object | null;
  readonly locked: string;
  readonly expired: string;
  /** Seconds since 1970. */
  readonly changed: string | number | null;
  /** Days. NULL: the server's default; 0: never. */
  readonly lifetime: string | number | null;
  readonly standard: string | number;
  readonly now: string;
};

export const recordColumns = `User AS user, Host AS host, plugin AS plugin, authentication_string AS stored, User_attributes AS attributes,
  account_locked AS locked, password_expired AS expired, UNIX_TIMESTAMP(password_last_changed) AS changed, password_lifetime AS lifetime,
  @@default_password_lifetime AS standard, UNIX_TIMESTAMP(NOW(6)) AS now`;

export type AccountRecord = {
  readonly name: Name;
  readonly plugin: string;
  readonly stored: string;
  /** The stored form of the secondary password (RETAIN CURRENT PASSWORD): it opens the account like the first. */
  readonly second: string | undefined;
  readonly locked: boolean;
  readonly expired: boolean;
  readonly changedAt: Date | undefined;
  readonly comment: string | undefined;
  /** FAILED_LOGIN_ATTEMPTS and PASSWORD_LOCK_TIME (-1: until unlocked); 0 attempts: never. */
  readonly attempts: number;
  readonly lockDays: number;
};

const attributes = z.object({
  additional_password: z.string().optional(),
  Password_locking: z.object({ failed_login_attempts: z.number().optional(), password_lock_time_days: z.number().optional() }).optional(),
  metadata: z.object({ comment: z.string().optional() }).optional(),
});

export function recordOf(row: RecordRow): AccountRecord {
  const parsed = attributes.parse(typeof row.attributes === 'string' ? JSON.parse(row.attributes) : (row.attributes ?? {}));
  const changed = row.changed === null ? undefined : Number(row.changed);
  const days = Number(row.lifetime ?? row.standard);
  return {
    name: { user: row.user, host: row.host },
    plugin: row.plugin,
    stored: row.stored ?? '',
    second: parsed.additional_password === '' ? undefined : parsed.additional_password,
    locked: row.locked === 'Y',
    expired: row.expired === 'Y' || (changed !== undefined && days > 0 && changed + days * 86_400 < Number(row.now)),
    changedAt: changed === undefined ? undefined : dateOf(changed),
    comment: parsed.metadata?.comment,
    attempts: parsed.Password_locking?.failed_login_attempts ?? 0,
    lockDays: parsed.Password_locking?.password_lock_time_days ?? 0,
  };
}

/** CREATE ROLE makes an account that is locked, expired and without a password. */
export const isRole = ({ locked, expired, stored }: AccountRecord): boolean => locked && expired && stored === '';

export async function readRecord(server: Server, name: Name): Promise<Outcome<AccountRecord & { readonly now: Date }>> {
  const answer = await server.query<RecordRow>(
    `SELECT ${recordColumns} FROM mysql.user WHERE User = ${literal(name.user)} AND Host = ${literal(name.host)}`,
  );
  if (answer.kind !== 'rows') return outcomeOf(answer);
  const [row] = answer.rows;
  if (row === undefined) return refused('not-found', `there is no account ${idOf(name)} on ${server.endpoint.replica}`, { target: '1396' });
  return done({ ...recordOf(row), now: dateOf(row.now) });
}

export async function readState(server: Server, name: Name): Promise<Outcome<AccountState>> {
  const record = await readRecord(server, name);
  if (record.kind !== 'done') return record;
  const { plugin, stored, second, locked, expired, changedAt, now } = record.value;
  return done({
    marker: markerOf([plugin, stored, second ?? null]),
    values: Number(stored !== '') + Number(second !== undefined),
    usable: !locked && !expired,
    now,
    ...(changedAt === undefined ? {} : { changedAt }),
  });
}

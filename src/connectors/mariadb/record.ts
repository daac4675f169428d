// MariaDB's own record of one account (mysql.global_priv): by which methods it logs in, what they store, whether it may be used.
import { z } from 'zod';
import { type AccountState, done, type Outcome, refused } from '../../kit/kit.ts';
import { idOf, literal, type Name } from '../../protocols/mysql/account-name.ts';
import { outcomeOf } from '../../protocols/mysql/fault.ts';
import { markerOf } from '../../protocols/mysql/marker.ts';
import type { Refine } from '../../protocols/mysql/probe.ts';
import { dateOf, type Server } from '../../protocols/mysql/server.ts';

export type Method = { readonly plugin: string; readonly stored: string };

export type AccountRecord = {
  readonly name: Name;
  /** In the order the server tries them: any one that is satisfied lets the client in. */
  readonly methods: readonly Method[];
  readonly locked: boolean;
  readonly expired: boolean;
  readonly changedAt: Date | undefined;
  readonly access: bigint;
  readonly role: boolean;
};

const method = z.object({ plugin: z.string().optional(), authentication_string: z.string().optional() });
const priv = method.extend({
  access: z.union([z.number(), z.string()]).optional(),
  auth_or: z.array(method).optional(),
  account_locked: z.boolean().optional(),
  /** Seconds since 1970. 0: expired by hand. */
  password_last_changed: z.number().optional(),
  /** Days. Absent: the server's default; 0: never. */
  password_lifetime: z.number().optional(),
  is_role: z.union([z.boolean(), z.number()]).optional(),
});

export type RecordRow = {
  readonly user: string;
  readonly host: string;
  readonly priv: string | object;
  readonly now: string;
  readonly lifetime: number | string;
};
export const recordColumns =
  'User AS user, Host AS host, Priv AS priv, UNIX_TIMESTAMP(NOW(6)) AS now, @@default_password_lifetime AS lifetime';

export function recordOf(row: RecordRow): AccountRecord {
  const stored = priv.parse(typeof row.priv === 'string' ? JSON.parse(row.priv) : row.priv);
  const first = methodOf(stored);
  // `{}` in the list stands for the method at the top.
  const methods = stored.auth_or?.map((each) => (each.plugin === undefined ? first : methodOf(each))) ?? [first];
  const changed = stored.password_last_changed;
  const days = stored.password_lifetime ?? Number(row.lifetime);
  const expired = changed === 0 || (changed !== undefined && days > 0 && changed + days * 86_400 < Number(row.now));
  return {
    name: { user: row.user, host: row.host },
    methods,
    locked: stored.account_locked === true,
    expired,
    changedAt: changed === undefined || changed === 0 ? undefined : dateOf(changed),
    access: BigInt(stored.access ?? 0),
    role: stored.is_role === true || stored.is_role === 1,
  };
}

const methodOf = (stored: z.output<typeof method>): Method => ({
  plugin: stored.plugin === undefined || stored.plugin === '' ? 'mysql_native_password' : stored.plugin,
  stored: stored.authentication_string ?? '',
});

const passwordPlugins: readonly string[] = ['mysql_native_password', 'mysql_old_password', 'ed25519', 'parsec', 'caching_sha2_password'];
/** Methods by which a password stored in this server lets somebody in. */
export const takesPassword = ({ plugin }: Method): boolean => passwordPlugins.includes(plugin);
/** A stored text that no password has: MariaDB writes `invalid` where an account is to log in by its other methods only. */
export const isOff = ({ plugin, stored }: Method): boolean =>
  plugin === 'mysql_native_password' && stored !== '' && !/^\*[0-9A-F]{40}$/i.test(stored);
export const isEmpty = (each: Method): boolean => takesPassword(each) && each.stored === '';

export async function readRecord(server: Server, name: Name): Promise<Outcome<AccountRecord & { readonly now: Date }>> {
  const answer = await server.query<RecordRow>(
    `SELECT ${recordColumns} FROM mysql.global_priv WHERE User = ${literal(name.user)} AND Host = ${literal(name.host)}`,
  );
  if (answer.kind !== 'rows') return outcomeOf(answer);
  const [row] = answer.rows;
  if (row === undefined) return refused('not-found', `there is no account ${idOf(name)} on ${server.endpoint.replica}`, { target: '1396' });
  const record = recordOf(row);
  if (record.role) return refused('not-found', `${idOf(name)} is a role: it does not log in`, { target: '1396' });
  return done({ ...record, now: dateOf(row.now) });
}

export async function readState(server: Server, name: Name): Promise<Outcome<AccountState>> {
  const record = await readRecord(server, name);
  if (record.kind !== 'done') return record;
  const { methods, locked, expired, changedAt, now } = record.value;
  return done({
    marker: markerOf(methods),
    values: methods.filter((each) => takesPassword(each) && !isOff(each) && !isEmpty(each)).length,
    usable: !locked && !expired,
    now,
    ...(changedAt === undefined ? {} : { changedAt }),
  });
}

/**
 * 1698 is the last method's answer where that method takes no password. Beside a password method it means that all were tried and none let the
 * client in, the password among them; without one, no password was ever looked at.
 */
export const refine: Refine = async (server, name, probed) => {
  if (probed.code !== '1698') return probed;
  const record = await readRecord(server, name);
  const looked = record.kind === 'done' && record.value.methods.some((each) => takesPassword(each) && !isOff(each));
  return looked ? { ...probed, verdict: 'rejected' } : probed;
};

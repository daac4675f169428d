// What the server's answer to a login says about the secret, as data. The numbers are the servers' own: the driver's names for them are MySQL's.
import type { ProbeVerdict } from '../../domain/verdict.ts';

type LoginMeaning = { readonly verdict: ProbeVerdict; readonly why: string };

/** A number that is not listed is indeterminate. MariaDB's own errors begin at 1900, MySQL's at 3000: the two do not meet in this table. */
export const loginMeanings: Readonly<Record<number, LoginMeaning>> = {
  1044: { verdict: 'accepted', why: 'right password; no right to the database' },
  1045: {
    verdict: 'rejected',
    why: 'wrong password; also a missing account, another host, or REQUIRE SSL without TLS: those are looked for before the login',
  },
  1049: { verdict: 'accepted', why: 'right password; the database does not exist' },
  1203: { verdict: 'accepted', why: 'right password; max_user_connections of the server is reached' },
  1226: { verdict: 'accepted', why: 'right password; a resource limit of the account is reached' },
  1698: { verdict: 'blocked', why: 'the account logs in without a password (unix_socket, auth_socket) and not from here' },
  1820: { verdict: 'blocked', why: 'right password, but it has expired: the server asks for a new one' },
  1862: { verdict: 'blocked', why: 'right password, but it has expired: the server closed the connection' },
  3118: { verdict: 'blocked', why: 'MySQL: ACCOUNT LOCK, told after the password was looked at' },
  3955: { verdict: 'blocked', why: 'MySQL: locked after failed logins, told before the password was looked at' },
  4150: { verdict: 'blocked', why: 'MariaDB: max_password_errors is reached, told before the password was looked at' },
  4151: { verdict: 'blocked', why: 'MariaDB: ACCOUNT LOCK, told after the password was looked at' },
};

export function verdictOf(errno: number): ProbeVerdict {
  return loginMeanings[errno]?.verdict ?? 'indeterminate';
}

// Which of several accounts of one name a server would take a client for. Proof of one account by logging in as another is no proof.
import { isIP } from 'node:net';
import type { Name } from './account-name.ts';

/** `unclear`: the order of two equally exact patterns, or a pattern over addresses where only the client's host name is known. */
export type Match = 'this' | 'other' | 'unclear';

/**
 * The servers' rule: hosts from the most to the least exact, anonymous accounts (empty user) after named ones of the same host, the first that
 * fits. So ''@'localhost' comes before 'app'@'%' for a client on the machine itself. `others` are the accounts named like the user, and the
 * anonymous ones.
 */
export function matchOf(account: Name, others: readonly Name[], from: string): Match {
  const fitting = others.filter(({ user }) => user === account.user || user === '').filter(({ host }) => fits(host, from) !== 'no');
  const mine = fitting.find(({ user, host }) => user === account.user && host === account.host);
  if (mine === undefined) return fits(account.host, from) === 'no' ? 'other' : 'unclear';
  if (fits(mine.host, from) === 'unclear') return 'unclear';
  const [first] = fitting.filter((each) => each !== mine).sort((a, b) => compare(a, b));
  if (first === undefined) return 'this';
  const order = compare(mine, first);
  if (order < 0)
    return fitting.some((each) => each !== mine && fits(each.host, from) === 'unclear' && compare(mine, each) >= 0) ? 'unclear' : 'this';
  return order === 0 || fits(first.host, from) === 'unclear' ? 'unclear' : 'other';
}

/** Negative: `a` is tried before `b`. */
function compare(a: Name, b: Name): number {
  return exactness(b.host) - exactness(a.host) || Number(b.user !== '') - Number(a.user !== '');
}

/** The place of the first wildcard; none at all is the most exact. An address with a mask is as exact as an address. */
function exactness(host: string): number {
  if (host === '' || host === '%') return host === '' ? -1 : 0;
  const wild = host.search(/[%_]/);
  return wild < 0 ? 1000 : wild + 1;
}

function fits(pattern: string, from: string): 'yes' | 'no' | 'unclear' {
  if (pattern === '' || pattern === '%') return 'yes';
  const [network, mask] = pattern.split('/');
  if (mask !== undefined)
    return isIP(from) === 4 ? (within(from, network ?? '', mask) ? 'yes' : 'no') : isIP(from) === 6 ? 'no' : 'unclear';
  if (likeHost(pattern, from)) return 'yes';
  // The server knows the address as well; we were told the name only.
  return isIP(from) === 0 && from !== 'localhost' && /^[\d.%_]+$|:/.test(pattern) ? 'unclear' : 'no';
}

function likeHost(pattern: string, from: string): boolean {
  const source = pattern
    .replace(/\\([%_])|[.*+?^${}()|[\]\\]/g, (all, escaped?: string) => escaped ?? `\\${all}`)
    .replace(/%/g, '.*')
    .replace(/_/g, '.');
  return new RegExp(`^${source}$`, 'i').test(from);
}

/** `mask` is dotted, or a number of bits (MySQL 8.0.23 and later). */
function within(address: string, network: string, mask: string): boolean {
  const number = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) >>> 0;
  const bits = /^\d+$/.test(mask) ? (mask === '0' ? 0 : (0xffffffff << (32 - Number(mask))) >>> 0) : number(mask);
  return (number(address) & bits) >>> 0 === (number(network) & bits) >>> 0;
}

// One account as people read it.
import type { AccountView } from '../domain/view.ts';
import { age, table, time } from './words.ts';

export function accountText(a: AccountView, now: number): string {
  const flags = [
    a.exposed ? 'exposed' : '',
    a.privileged ? 'privileged' : '',
    a.shared ? 'shared' : '',
    a.enabled ? 'enabled' : 'disabled',
  ].filter((f) => f !== '');
  const rows = [
    ['account', `${a.system}/${a.account}`],
    ['id', a.id],
    ['identity', a.identity ?? 'unknown'],
    ['person', a.person ?? (a.personWhy === null ? 'unknown' : `unknown: ${a.personWhy}`)],
    ['kind', `${a.kind}, tier ${a.tier}, managed by ${a.managed}`],
    ['owner', a.owner ?? 'none'],
    ['tags', a.tags.length === 0 ? 'none' : a.tags.join(', ')],
    ['is', flags.join(', ')],
    ['changed', a.lastChangedAt === null ? 'unknown' : `${time(a.lastChangedAt)} (${age(a.lastChangedAt, now)})`],
    ['version', String(a.version)],
  ];
  const lines = table(rows);
  if (a.consumers.length > 0)
    lines.push('consumers', ...table(a.consumers.map((c) => [`  ↻ ${c.consumer}`, c.store, c.ref, c.owner ?? 'no owner', c.state])));
  for (const blocker of a.blockers) lines.push(`! blocked: ${blocker}`);
  return lines.map((line) => `${line}\n`).join('');
}

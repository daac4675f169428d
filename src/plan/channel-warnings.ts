// Whether a message about this plan would go to a mailbox that the plan resets, or that an attacker may read.
import type { Estate } from '../estate/estate.ts';
import type { NotifySpec } from '../estate/notify-spec.ts';
import type { MailedEmployees, PlanDraft, TouchedMailbox } from './port.ts';

/** Addresses that notices would be mailed to, and the account that sends them. Who is reached over another channel is not among them. */
export function mailAddresses({ notify, approvers }: Pick<Estate, 'notify' | 'approvers'>, createdBy: string): readonly string[] {
  if (notify?.smtp === undefined) return [];
  const names = [createdBy, ...approvers.map(({ name }) => name), ...notify.people.map(({ name }) => name)];
  const mailed = names.flatMap((name) => {
    const person = notify.people.find((p) => p.name === name);
    return (person?.channel ?? 'mail') === 'mail' ? [person?.mail ?? name] : [];
  });
  return [...new Set([...mailed, ...(notify.smtp.user === undefined ? [] : [notify.smtp.user])])].filter((address) => address !== '');
}

const shown = 3;

/** Nobody where the estate mails nobody about what is theirs. */
export async function mailedEmployees(
  draft: Pick<PlanDraft, 'employees'>,
  notify: NotifySpec | undefined,
  plan: string,
): Promise<MailedEmployees> {
  if (notify?.employees === undefined) return { count: 0, exposed: 0, sample: [] };
  const known = notify.people.flatMap(({ name, mail }) => (mail === undefined ? [] : [{ name, mail }]));
  const elsewhere = notify.people.flatMap(({ name, channel }) => ((channel ?? 'mail') === 'mail' ? [] : [name]));
  return draft.employees(plan, { known, elsewhere }, shown);
}

export function employeeWarnings({ count, exposed, sample }: MailedEmployees): string[] {
  if (count === 0) return [];
  const names = `${sample.join(', ')}${count > sample.length ? ` and ${count - sample.length} more` : ''}`;
  return [
    `Mail about their own credential (notify.employees) goes to mailboxes whose account this plan resets: ${names}. The attacker may read it until then, and they not after` +
      `${exposed === 0 ? '' : `; ${exposed} of these accounts leaked`}. It holds no secret and signs nobody in, but it tips off: tell them by other means where that matters.`,
  ];
}

export function channelWarnings(touched: readonly TouchedMailbox[], sender: string | undefined): string[] {
  const readers = touched.filter(({ address }) => address !== sender);
  const exposed = new Set(readers.filter(({ how }) => how === 'exposed').map(({ address }) => address));
  const warnings = readers
    .slice(0, shown)
    .map(({ address }) =>
      exposed.has(address)
        ? `Mail to ${address} goes to a mailbox whose account leaked: the attacker may read it. Give them another channel (notify.people), or call them.`
        : `Mail to ${address} goes to a mailbox whose account this plan resets: the attacker may read it until then, and its owner not after. Give them another channel (notify.people).`,
    );
  if (readers.length > shown)
    warnings.push(`${readers.length - shown} more people would be told through mailboxes of accounts in this plan.`);
  if (sender !== undefined && touched.some(({ address }) => address === sender))
    warnings.push(
      `Notices are sent with ${sender}, which this plan touches: mail waits in the outbox until notify.smtp knows the new value.`,
    );
  return warnings;
}

// Tells people whose new credential waits where to fetch it: one mail, at most one reminder, and none to whoever fetched it. No mail holds a secret or opens anything.
import type { NotifySpec } from '../estate/notify-spec.ts';
import type { EmployeeStore, WaitingPerson } from './employee-port.ts';
import type { NewNotice, NoticeBody } from './port.ts';
import { dueAt, type Pace } from './quiet-hours.ts';

/** As the estate file's block `delivery` says it. */
export type FetchRules = { readonly windowMs: number; readonly help?: string };

type Deps = {
  readonly notify: NotifySpec;
  readonly rules: FetchRules;
  readonly store: EmployeeStore;
  readonly pace: (person: string) => Pace;
  readonly now: Date;
};

/** A reminder in the first half of the window would only be the same mail twice. */
export const leadMs = (remindBeforeMs: number, windowMs: number): number => Math.min(remindBeforeMs, windowMs / 2);

/** Whoever has another channel is told there about runs, and by other means about what is theirs: a room is read by everybody. */
export async function employeeNotices({ notify, rules, store, pace, now }: Deps): Promise<readonly NewNotice[]> {
  const { employees, publicUrl } = notify;
  if (employees === undefined || publicUrl === undefined) return [];
  const elsewhere = new Set(notify.people.flatMap(({ name, channel }) => ((channel ?? 'mail') === 'mail' ? [] : [name])));
  const notice = ({ person, plan, until }: WaitingPerson, headline: string): NewNotice => ({
    event: null,
    channel: 'mail',
    person,
    thread: plan,
    kind: 'credential',
    ask: false,
    urgent: false,
    body: bodyOf(headline, until, now, publicUrl, rules.help),
    dueAt: dueAt(now, { urgent: false, tier0: false }, pace(person)),
  });
  const told = await store.takeWaiting(now, rules.windowMs);
  const reminded = await store.takeReminders(now, rules.windowMs, leadMs(employees.remindBeforeMs, rules.windowMs));
  return [
    ...told.map((each) => notice(each, 'A new credential waits for you')),
    ...reminded.map((each) => notice(each, 'A new credential still waits for you: this is the only reminder')),
  ].filter(({ person }) => !elsewhere.has(person));
}

/** Neither system nor account nor the reason of the plan: whoever reads this mailbox may be the one it is about. */
function bodyOf(headline: string, until: Date, now: Date, publicUrl: string, help: string | undefined): NoticeBody {
  return {
    at: now.toISOString(),
    headline,
    why: 'your organisation replaced it, and the old one stops working',
    can: [
      `Type the address that you know: ${myAddress(publicUrl)}`,
      'Sign in there as always, with your passkey or your company account, and show it',
      ...(help === undefined ? [] : [`If that does not work, or you expected no such mail: ${help}`]),
    ],
    until: until.toISOString(),
  };
}

export const myAddress = (publicUrl: string): string => `${publicUrl.replace(/\/+$/, '')}/my`;

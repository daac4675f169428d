// Turns events into notices and signed calls, and due notices into messages. One process does this at a time; each step is one transaction.

import { isMailbox } from '../domain/mailbox.ts';
import type { NotifySpec } from '../estate/notify-spec.ts';
import { audienceOf } from './audience.ts';
import { bundle } from './bundle.ts';
import type { EmployeeStore } from './employee-port.ts';
import { employeeNotices, type FetchRules } from './employees.ts';
import { eventBody } from './event-body.ts';
import { letterOf } from './letter.ts';
import type { ApprovalFacts, Event, NewMessage, NewNotice, NoticeStore, PlanFacts, Recipient, Waiting } from './port.ts';
import { dueAt } from './quiet-hours.ts';

export type Tell = {
  /** Undefined: events are taken note of and told to nobody. */
  readonly notify: NotifySpec | undefined;
  readonly estate: string;
  readonly demo: boolean;
  readonly store: NoticeStore;
  readonly employees: EmployeeStore;
  readonly fetching: FetchRules;
  readonly approvals: (plan: string) => Promise<ApprovalFacts>;
  /** Whether this pass looks for what no change tells of: it counts the items of every run. */
  readonly look: boolean;
  readonly newId: () => string;
  readonly now: () => Date;
};

const eventsAtOnce = 100;

export async function tell(deps: Tell): Promise<void> {
  await deps.store.exclusively(async () => {
    const { notify, store } = deps;
    if (notify !== undefined && deps.look) await store.look(deps.now(), notify.unknownAbove);
    const events = await store.untold(eventsAtOnce);
    for (const event of events) if (notify !== undefined) await tellOne(deps, notify, event);
    await store.markTold(
      events.map(({ key }) => key),
      deps.now(),
    );
    if (notify !== undefined && deps.look) await tellEmployees(deps, notify);
    if (notify !== undefined) await send(deps, notify);
  });
}

async function tellOne(deps: Tell, notify: NotifySpec, event: Event): Promise<void> {
  const plan = await deps.store.facts(event);
  if (plan === undefined) return;
  const { tell, room, withdraw } = audienceOf(event, plan, await deps.approvals(plan.id));
  const now = deps.now();
  const rooms = notify.webhooks.filter((hook) => hook.style === 'chat' && hook.events.includes(event.kind)).map((hook) => hook.id);
  const notice = (to: Recipient, told: Omit<(typeof tell)[number], 'person'>): NewNotice => ({
    ...told,
    ...to,
    event: event.key,
    thread: plan.id,
    dueAt: dueAt(now, { urgent: told.urgent, tier0: plan.tier0 }, paceOf(notify, to.person)),
  });
  const notices = new Map<string, NewNotice>();
  const put = (one: NewNotice): void => {
    const key = JSON.stringify([one.channel, one.person]);
    if (!notices.has(key)) notices.set(key, one);
  };
  for (const channel of rooms) put(notice({ channel, person: '' }, { ...room, ask: false }));
  for (const { person, ...told } of tell) put(notice(recipientOf(notify, person), told));
  if (withdraw !== undefined)
    for (const asked of await deps.store.withdrawAsks(plan.id, withdraw.still))
      if (asked.person !== event.detail.by) put(notice(asked, { kind: 'progress', urgent: false, ask: false, body: withdraw.body }));
  await deps.store.add([...notices.values()]);
  const calls = notify.webhooks.filter((hook) => hook.style === 'rekey' && hook.events.includes(event.kind));
  await deps.store.enqueue(
    calls.map(
      ({ id }): NewMessage => ({
        id: deps.newId(),
        channel: id,
        person: '',
        address: null,
        thread: plan.id,
        template: event.kind,
        body: eventBody(event, plan, deps.estate, deps.demo),
        createdAt: now,
        notices: [],
      }),
    ),
    now,
  );
}

async function tellEmployees({ store, employees, fetching, now }: Tell, notify: NotifySpec): Promise<void> {
  const pace = (person: string) => paceOf(notify, person);
  await store.add(await employeeNotices({ notify, rules: fetching, store: employees, pace, now: now() }));
}

async function send(deps: Tell, notify: NotifySpec): Promise<void> {
  const now = deps.now();
  if (notify.employees !== undefined) await deps.employees.withdrawFetched(now, deps.fetching.windowMs);
  const messages: NewMessage[] = [];
  const waiting = await deps.store.due(now);
  const mail = await addresses(deps, notify, waiting);
  const plans = new Map<string, PlanFacts | undefined>();
  for (const { notices, ...about } of bundle(waiting, now)) {
    const { thread } = about;
    if (!plans.has(thread))
      plans.set(thread, await deps.store.facts({ key: '0', at: now, kind: 'run.resumed', plan: thread, run: null, detail: {} }));
    const plan = plans.get(thread);
    if (plan === undefined) continue;
    const timezone = paceOf(notify, about.person).timezone;
    messages.push({
      ...about,
      id: deps.newId(),
      address: about.channel === 'mail' ? (mail.get(about.person) ?? null) : null,
      body: letterOf(notices, plan, {
        estate: deps.estate,
        demo: deps.demo,
        person: about.person,
        timezone,
        ...(notify.publicUrl === undefined ? {} : { publicUrl: notify.publicUrl }),
      }),
      createdAt: now,
      notices: notices.map(({ key }) => key),
    });
  }
  await deps.store.enqueue(messages, now);
}

function recipientOf({ people }: NotifySpec, person: string): Recipient {
  const channel = people.find((p) => p.name === person)?.channel ?? 'mail';
  // A room is one conversation, whoever of it is meant.
  return channel === 'mail' ? { channel, person } : { channel, person: '' };
}

function paceOf(
  notify: NotifySpec,
  person: string,
): { digestMinutes: number; timezone: string; quietHours?: { from: string; to: string } } {
  const { digestMinutes, quietHours } = notify;
  const timezone = notify.people.find((p) => p.name === person)?.timezone ?? notify.timezone;
  return { digestMinutes, timezone, ...(quietHours === undefined ? {} : { quietHours }) };
}

/** Where each person reads mail: what the estate file says, else what they signed up with, else (of what is theirs) what their accounts say, else their name when it is an address. */
async function addresses(deps: Tell, notify: NotifySpec, to: readonly Waiting[]): Promise<ReadonlyMap<string, string>> {
  const mailed = to.filter(({ channel }) => channel === 'mail');
  const names = [...new Set(mailed.map(({ person }) => person))];
  const members = await deps.store.memberMail(names);
  const own = await deps.employees.mailOf([...new Set(mailed.filter(({ kind }) => kind === 'credential').map(({ person }) => person))]);
  return new Map(
    names.flatMap((name) => {
      const mail = notify.people.find((p) => p.name === name)?.mail ?? members.get(name.toLowerCase()) ?? own.get(name) ?? name;
      return isMailbox(mail) ? [[name, mail] as const] : [];
    }),
  );
}

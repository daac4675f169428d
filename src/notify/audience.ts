// Who is told what of an event, and which asks it makes pointless. People are paged only for a decision, a stop, doubt and the end.
import type { ApprovalFacts, Event, NoticeBody, NoticeKind, PlanFacts, Told } from './port.ts';

export type Audience = {
  readonly tell: readonly Told[];
  /** The asks of this conversation are taken back, but those of `still`; who was asked already reads `why`. */
  readonly withdraw?: { readonly still: readonly string[]; readonly body: NoticeBody };
  /** For rooms that everybody reads. */
  readonly room: Omit<Told, 'person' | 'ask'>;
};

type Line = Pick<NoticeBody, 'headline'> & Partial<Omit<NoticeBody, 'headline' | 'at'>>;

export function audienceOf(event: Event, plan: PlanFacts, approvals: ApprovalFacts): Audience {
  const body = (line: Line): NoticeBody => ({ why: '', can: [], until: null, ...line, at: event.at.toISOString() });
  const expires = plan.expiresAt.toISOString();
  const by = event.detail.by ?? '';
  const followers = [...new Set([plan.createdBy, ...(plan.run === null ? [] : [plan.run.startedBy]), ...approvals.given])];
  const to = (people: readonly string[], kind: NoticeKind, urgent: boolean, line: Line, ask = false): Told[] =>
    people.map((person) => ({ person, kind, urgent, ask, body: body(line) }));
  /** `but`: who did it knows. */
  const followed = (kind: NoticeKind, urgent: boolean, line: Line, but?: string): Audience => ({
    tell: to(
      followers.filter((name) => name !== but),
      kind,
      urgent,
      line,
    ),
    room: { kind, urgent, body: body(line) },
  });
  const show = plan.run === null ? `rekey plan show ${plan.id}` : `rekey run show ${plan.run.id}`;
  switch (event.kind) {
    case 'plan.made': {
      const missing = approvals.needed - approvals.given.length;
      const line: Line = {
        headline: `Waits for approval: ${missing} of ${approvals.needed} missing`,
        why: `${plan.createdBy} asks: ${plan.reason}`,
        can: [
          `Read it: rekey plan show ${plan.id}`,
          `Approve it: rekey approve ${plan.id} --as NAME --key FILE`,
          'Or do nothing: then it expires',
        ],
        until: expires,
      };
      if (missing <= 0 || plan.work === 0)
        return {
          tell: [],
          room: { kind: 'progress', urgent: false, body: body({ headline: 'A plan was made', why: `${plan.createdBy}: ${plan.reason}` }) },
        };
      return { tell: to(approvals.able, 'decision', true, line, true), room: { kind: 'decision', urgent: true, body: body(line) } };
    }
    case 'plan.approved': {
      const missing = approvals.needed - approvals.given.length;
      if (missing > 0) {
        const line: Line = { headline: `${by} approved: ${approvals.given.length} of ${approvals.needed}`, can: [show], until: expires };
        return {
          tell: to([plan.createdBy], 'progress', false, line),
          withdraw: { still: approvals.able, body: body(line) },
          room: { kind: 'progress', urgent: false, body: body(line) },
        };
      }
      const line: Line = { headline: `${by} approved: it can be started`, can: [`Start it: rekey apply ${plan.id}`], until: expires };
      return {
        tell: to([plan.createdBy], 'decision', true, line),
        withdraw: { still: [], body: body({ headline: `${by} approved: nothing is left for you to do` }) },
        room: { kind: 'progress', urgent: false, body: body(line) },
      };
    }
    case 'plan.refused':
      return followed(
        'decision',
        true,
        {
          headline: `${by} refused: it cannot be started`,
          why: event.detail.reason ?? '',
          can: [show, `Ask ${by} to take it back, or make another plan`],
          until: expires,
        },
        by,
      );
    case 'plan.expired': {
      const line: Line = {
        headline: 'Expired without approval',
        why: `${approvals.given.length} of ${approvals.needed} approvals were given until ${expires}`,
        can: ['Make the plan again: rekey plan --where … --reason …'],
      };
      return {
        tell: to([plan.createdBy], 'decision', true, line),
        withdraw: { still: [], body: body({ headline: 'Expired: nothing is left for you to do' }) },
        room: { kind: 'progress', urgent: false, body: body(line) },
      };
    }
    case 'run.started': {
      const line: Line = { headline: `Started by ${by}`, can: [show] };
      return {
        ...followed('progress', false, line, by),
        withdraw: { still: [], body: body({ headline: `Started by ${by}: nothing is left for you to do` }) },
      };
    }
    case 'run.paused':
      return followed(
        'trouble',
        true,
        {
          headline: by === 'guardrail' ? 'Stopped by a guardrail' : `Paused by ${by}`,
          why: event.detail.reason ?? '',
          can: [`Look: ${show}`, `Go on: rekey run resume ${event.run}`, `Give up: rekey run abort ${event.run} --reason TEXT`],
        },
        by,
      );
    case 'run.resumed':
      return followed('progress', false, { headline: 'Running again' });
    case 'run.aborted':
      return followed(
        'trouble',
        true,
        { headline: `Aborted by ${by}`, why: event.detail.reason ?? '', can: [`What changed and what did not: ${show}`] },
        by,
      );
    case 'run.complete':
    case 'run.residual':
    case 'run.incomplete': {
      // A proof held again that ends as before is no news.
      const again = plan.endedBefore === event.kind;
      return followed(again ? 'progress' : 'finished', !again, {
        headline: ends[event.kind],
        why: countsOf(plan),
        can: [`What changed and what did not: ${show}`],
      });
    }
    case 'run.unknown':
      return followed('trouble', true, {
        headline: `${event.detail.count ?? 'Many'} outcomes are unknown`,
        why: 'the write may or may not have happened: Rekey probes before it tries again',
        can: [`Look: rekey run items ${event.run} --state in-doubt`],
      });
    case 'wave.running':
      return followed('progress', false, { headline: `Wave ${event.detail.wave} ${event.detail.name ?? ''} began` });
    case 'wave.done':
      return followed('progress', false, { headline: `Wave ${event.detail.wave} ${event.detail.name ?? ''} is done`, why: countsOf(plan) });
    case 'system.halted':
      return followed('trouble', true, {
        headline: event.detail.cause === 'canary' ? `The canary of ${event.detail.system} failed` : `${event.detail.system} is halted`,
        why:
          event.detail.cause === 'canary'
            ? 'its canary wave did not come through, so nothing more is changed there'
            : 'Rekey stopped working on it; the others go on',
        can: [`Why, and what is left: ${show}`, `When it is mended: rekey run retry ${event.run} --state parked`],
      });
    case 'trigger.fired':
      return followed('progress', false, { headline: `Playbook ${event.detail.playbook} was fired by ${by}`, can: [show] });
  }
}

const ends = {
  'run.complete': 'Finished: every old credential is proved refused',
  'run.residual': 'Finished, with access that ends by the clock',
  'run.incomplete': 'Finished with open items: this is not done',
} as const;

function countsOf({ counts }: PlanFacts): string {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([state, n]) => `${n} ${state}`)
    .join(', ');
}

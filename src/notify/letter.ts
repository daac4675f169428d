// What a template may show: a declared view of names, states, times and links. Nothing else ever reaches a template.
import { myAddress } from './employees.ts';
import { oneLine } from './one-line.ts';
import type { NoticeBody, NoticeKind, PlanFacts } from './port.ts';
import { bothClocks } from './quiet-hours.ts';

export type LetterItem = {
  readonly at: string;
  readonly headline: string;
  readonly why: string;
  readonly can: readonly string[];
  readonly until: string;
  readonly urgent: boolean;
};
/** A text that is not known is empty, never missing. */
export type Letter = {
  readonly estate: string;
  readonly demo: boolean;
  readonly person: string;
  readonly plan: { readonly id: string; readonly name: string; readonly reason: string; readonly incident: string };
  readonly run: string;
  readonly link: string;
  readonly urgent: boolean;
  readonly items: readonly LetterItem[];
};

export type Reader = {
  readonly estate: string;
  readonly demo: boolean;
  readonly person: string;
  readonly timezone: string;
  readonly publicUrl?: string;
};
type Line = { readonly kind: NoticeKind; readonly urgent: boolean; readonly body: NoticeBody };

export function letterOf(lines: readonly Line[], plan: PlanFacts, reader: Reader): Letter {
  // An employee reads where to go, not what is going on.
  const own = lines.every(({ kind }) => kind === 'credential');
  const run = own ? '' : (plan.run?.id ?? '');
  const address = reader.publicUrl?.replace(/\/+$/, '');
  const shown = run === '' ? `plans/${plan.id}` : `runs/${run}`;
  const hidden = { id: '', name: '', reason: '', incident: '' };
  return {
    estate: oneLine(reader.estate),
    demo: reader.demo,
    person: oneLine(reader.person),
    plan: own ? hidden : { id: plan.id, name: oneLine(plan.name), reason: oneLine(plan.reason), incident: oneLine(plan.incident ?? '') },
    run,
    link: address === undefined ? '' : own ? myAddress(address) : `${address}/${shown}`,
    urgent: lines.some(({ urgent }) => urgent),
    items: lines.map(({ urgent, body }) => ({
      at: bothClocks(body.at, reader.timezone),
      headline: oneLine(body.headline),
      why: oneLine(body.why),
      can: body.can.map(oneLine),
      until: body.until === null ? '' : bothClocks(body.until, reader.timezone),
      urgent,
    })),
  };
}

// An entry of a run's log in one plain sentence, for the timeline and for the log of one item. Knows the usual fields; what it does not know stands there by name.
import type { TimelineView } from './now-view.ts';

type Entry = { readonly [field: string]: unknown };

const said = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
const because = (entry: Entry): string => (typeof entry.reason === 'string' ? `: ${entry.reason}` : '');

export function tell(entry: Entry): TimelineView {
  const by = ['by', 'name', 'owner'].map((field) => entry[field]).find((value) => typeof value === 'string');
  return {
    at: typeof entry.at === 'string' ? entry.at : '',
    kind: typeof entry.kind === 'string' ? entry.kind : 'entry',
    text: sentence(entry),
    by: typeof entry.by === 'string' ? entry.by : entry.kind === 'approval' && typeof by === 'string' ? by : null,
  };
}

function sentence(entry: Entry): string {
  const { kind, state, wave } = entry;
  switch (kind) {
    case 'run':
      if (entry.retry !== undefined) return `retried: ${said(entry.retry)} items are taken up again`;
      return `run ${said(state)}${because(entry)}`;
    case 'wave':
      return `wave ${said(wave)}${typeof entry.name === 'string' ? ` (${entry.name})` : ''} ${said(state)}${because(entry)}`;
    case 'approval':
      return `approved by ${said(entry.name)} (${said(entry.method)})`;
    case 'exception':
      return `${said(entry.account)} accepted open until ${said(entry.expiresAt)}${because(entry)}`;
    case 'sign-off':
      return `${said(entry.account)} signed as done by hand${because(entry)}`;
    case 'handover':
      return 'offline hand-over';
    case 'probe':
      return `${said(entry.secret)} secret ${said(entry.verdict)} on ${said(entry.path)} at ${said(entry.replica)} (${said(entry.code)})`;
    default:
      return itemSentence(entry);
  }
}

/** Named elsewhere on the page, or of no use to a reader. */
const known = new Set(['at', 'kind', 'item', 'account', 'run', 'by', 'from', 'to']);

function itemSentence(entry: Entry): string {
  const step = typeof entry.to === 'string' ? [`${said(entry.from ?? '')} → ${entry.to}`] : [];
  const rest = Object.entries(entry)
    .filter(([field, value]) => !known.has(field) && value !== null)
    .map(([field, value]) => `${field} ${said(value)}`);
  return [...step, ...rest].join(' · ');
}

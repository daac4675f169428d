// What each state of an item, run, wave, lane, cell, consumer and person is called, with the glyph and the tone that go with the word.
import type { Schemas } from '../api/client.ts';
import type { Tone } from './tone.ts';

export type Said = { readonly word: string; readonly glyph: string; readonly tone: Tone };
const said = (word: string, glyph: string, tone: Tone): Said => ({ word, glyph, tone });

type Run = Schemas['Run'];
type Item = Schemas['Item'];
type Table<State extends string> = Readonly<Record<State, Said>>;

const item: Table<Item['state']> = {
  planned: said('planned', '·', 'calm'),
  sealed: said('sealed', '·', 'calm'),
  sent: said('sent', '→', 'calm'),
  'in-doubt': said('in doubt', '?', 'bad'),
  applied: said('set', '→', 'calm'),
  propagated: said('given to consumers', '→', 'calm'),
  revoked: said('sessions ended', '→', 'calm'),
  proved: said('proved', '✓', 'good'),
  complete: said('complete', '✓', 'good'),
  residual: said('residual', '◔', 'warn'),
  contained: said('contained', '■', 'warn'),
  failed: said('failed, old works', '✗', 'bad'),
  'rolled-back': said('rolled back', '↺', 'bad'),
  excluded: said('excluded', '=', 'calm'),
  'by-hand': said('by hand, open', '✋', 'warn'),
  signed: said('signed, not proved', '✍', 'warn'),
};
const run: Table<Run['state']> = {
  running: said('running', '▶', 'good'),
  paused: said('paused', '⏸', 'warn'),
  aborted: said('aborted', '■', 'bad'),
  complete: said('complete', '✓', 'good'),
  residual: said('done, residual', '◔', 'warn'),
  incomplete: said('incomplete', '✗', 'bad'),
};
const wave: Table<Run['waves'][number]['state']> = {
  waiting: said('waiting', '·', 'calm'),
  running: said('running', '▶', 'good'),
  held: said('held', '⏸', 'warn'),
  done: said('done', '✓', 'calm'),
};
const lane: Table<Run['systems'][number]['state']> = {
  waiting: said('waiting', '·', 'calm'),
  running: said('running', '▶', 'good'),
  halted: said('halted', '✗', 'bad'),
  done: said('done', '✓', 'calm'),
};
const cell: Table<Item['cells'][number]['verdict']> = {
  proved: said('old refused', '✓', 'good'),
  residual: said('residual', '◔', 'warn'),
  'not-proved': said('not proved', '✗', 'bad'),
  inferred: said('inferred', '≈', 'warn'),
  excepted: said('accepted open', '!', 'warn'),
  signed: said('signed', '✍', 'warn'),
};
const consumer: Table<Item['consumers'][number]['state']> = {
  unknown: said('unknown', '?', 'warn'),
  mapped: said('mapped', '·', 'calm'),
  updated: said('updated, not seen', '→', 'warn'),
  adopted: said('on the new one', '✓', 'good'),
  failed: said('failed', '✗', 'bad'),
  restored: said('put back', '↺', 'warn'),
  exempt: said('exempt', '=', 'calm'),
};
const person: Table<Schemas['Person']['verdict']> = {
  failed: said('failed, old works', '✗', 'bad'),
  'in-doubt': said('in doubt', '?', 'bad'),
  'not-proved': said('not proved', '✗', 'bad'),
  running: said('running', '▶', 'calm'),
  contained: said('contained', '■', 'warn'),
  residual: said('residual', '◔', 'warn'),
  signed: said('signed, not proved', '✍', 'warn'),
  done: said('done', '✓', 'good'),
  'left-out': said('left out', '=', 'calm'),
};

export const states = { item, run, wave, lane, cell, consumer, person };
export type StateKind = keyof typeof states;

/** A newer server may know a state that this page does not: it is shown as it is. */
export function saidOf(kind: StateKind, state: string): Said {
  const table: Readonly<Record<string, Said>> = states[kind];
  return table[state] ?? said(state, '·', 'plain');
}

// What each class of old secrets is called, in the order an attacker would ask: what opens now, what nobody knows, what is closing, what is shut.
import type { Schemas } from '../api/client.ts';
import type { Tone } from './tone.ts';

export type OldSecret = keyof Schemas['Now']['old'];
export type OldSums = Schemas['Now']['old'];

export const oldSecrets: readonly { readonly key: OldSecret; readonly word: string; readonly tone: Tone }[] = [
  { key: 'opens', word: 'old still opens', tone: 'bad' },
  { key: 'unknown', word: 'nobody knows', tone: 'bad' },
  { key: 'changed', word: 'changed, not proved', tone: 'warn' },
  { key: 'fading', word: 'sessions fading', tone: 'warn' },
  { key: 'said', word: 'signed, not proved', tone: 'warn' },
  { key: 'contained', word: 'blocked', tone: 'calm' },
  { key: 'refused', word: 'old refused', tone: 'good' },
];

export const sumOf = (sums: OldSums): number => Object.values(sums).reduce((n, each) => n + (each ?? 0), 0);

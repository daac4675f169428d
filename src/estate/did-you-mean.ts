// The remedy for a word nobody knows: the word that was probably meant, else all there are when they are few.
import { nearest } from '../domain/selector/nearest.ts';

export function didYouMean(typed: string, words: readonly string[]): string | undefined {
  const word = nearest(typed, words);
  if (word !== undefined) return `did you mean "${word}"?`;
  if (words.length === 0 || words.length > 20) return undefined;
  return `known here: ${[...words].sort().join(', ')}`;
}

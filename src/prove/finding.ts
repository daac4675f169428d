// What verification found wrong, and where: a file, and in a log the entry by index and content.
import { shownText } from '../cryptography/bytes.ts';

export type Finding = {
  readonly file: string;
  /** Index of the leaf, counted from 0; line `entry + 1` of the file. */
  readonly entry?: number;
  /** What the file holds there now, cut at 500 characters. */
  readonly line?: string;
  readonly reason: string;
};

export const shown = (bytes: Uint8Array): string => shownText(bytes.subarray(0, 500));

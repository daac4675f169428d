// The CA a mail server or a webhook is checked against, read each time: a renewed file needs no restart.
import { readFileSync } from 'node:fs';
import { Problem } from '../domain/problem.ts';

/** PEM text. Throws a Problem that names `place` in the estate file. */
export function caFile(path: string, place: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new Problem('invalid-config', {
      message: `the CA file ${path} cannot be read`,
      place,
      hint: 'give a PEM file, relative to the estate file',
    });
  }
}

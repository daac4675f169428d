// The one version of an account that may be given out as live, or why none may.
import { Problem } from '../domain/problem.ts';
import type { Held } from './port.ts';

/** A version in doubt may already be the one that works: then no other is given out as live. */
export function liveRow(rows: readonly Held[], name: string): Held {
  const live = rows.find((row) => row.state === 'live');
  const doubt = rows.find((row) => row.doubt);
  if (doubt !== undefined && doubt !== live)
    throw new Problem('conflict', {
      message: `whether version ${doubt.version} of ${name} is in place is in doubt, so no version can be called live`,
      hint: 'let the run ask the target: rekey run retry RUN --state in-doubt',
    });
  if (live !== undefined) return live;
  const [newest] = rows;
  if (newest === undefined)
    throw new Problem('not-found', {
      message: `Rekey holds no secret of ${name}: it never set one`,
      hint: 'plan a reset that selects it: rekey plan --where …',
    });
  throw new Problem('conflict', {
    message: `no version of ${name} is live: the newest, version ${newest.version}, is ${words[newest.state]}`,
    hint: `see its runs: rekey account show ${name}`,
  });
}

const words = {
  candidate: 'a candidate that was sealed but not put in place yet',
  live: 'live',
  previous: 'a previous one, replaced since',
  disproved: 'disproved: the target refuses it',
} as const;

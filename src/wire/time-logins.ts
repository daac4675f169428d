// How long a login of nobody takes at each way in to a system, and whether it was refused as one. A door that does not answer is not timed.
import { ownDoor } from '../plan/predict.ts';
import type { ProbePath } from '../verify/verify-item.ts';
import type { OpenSystem } from './connections.ts';
import { checkOf } from './doctor-path.ts';
import { madeUp, nobodyOf } from './nobody.ts';

/** A system whose logins take longer than this together is left to what is declared for the doors not reached by then. */
const patienceMs = 20_000;

/** `refused`: as the login of an account is. Otherwise the target had no word on nobody, and spent less on it. */
type Timed = { readonly ms: number; readonly refused: boolean };

/** By door: the system's own paths under one name, each of the estate file's under its own. One replica stands for all of its path. */
export async function timeLogins(
  opened: Pick<OpenSystem, 'spec' | 'connection'>,
  paths: readonly ProbePath[],
  now: () => number = () => performance.now(),
): Promise<{ readonly [door: string]: Timed }> {
  const until = now() + patienceMs;
  const seen = new Map<string, (Timed | undefined)[]>();
  for (const path of onePerName(paths)) {
    const door = doorOf(opened, path);
    const timed = now() < until ? await timeLogin(opened, path, now) : undefined;
    seen.set(door, [...(seen.get(door) ?? []), timed]);
  }
  return Object.fromEntries(
    [...seen].flatMap(([door, timed]) => (timed.every((each) => each !== undefined) ? [[door, together(timed)]] : [])),
  );
}

/** Every cell of a door counts the same. */
function together(timed: readonly Timed[]): Timed {
  const ms = timed.reduce((sum, each) => sum + each.ms, 0) / timed.length;
  return { ms: Math.round(ms), refused: timed.every(({ refused }) => refused) };
}

export const doorOf = ({ connection }: Pick<OpenSystem, 'connection'>, path: ProbePath): string =>
  path.connection === connection ? ownDoor : path.where.path;

const onePerName = (paths: readonly ProbePath[]): readonly ProbePath[] =>
  paths.filter((path, n) => paths.findIndex(({ where }) => where.path === path.where.path) === n);

/** The second of two counts: the first opens what later ones share, and a target that holds back logins after a refusal shows it. */
async function timeLogin(
  { spec, connection }: Pick<OpenSystem, 'spec' | 'connection'>,
  path: ProbePath,
  now: () => number,
): Promise<Timed | undefined> {
  const { probe } = path.connection;
  if (probe === undefined) return undefined;
  const account = nobodyOf(spec.id);
  let timed: Timed | undefined;
  try {
    const secret = await madeUp(connection);
    for (let nth = 0; nth < 2; nth++) {
      const began = now();
      const probed = await probe.attempt(account, secret, path.where);
      if (checkOf(path.where.replica, probed).verdict !== 'ok') return undefined;
      timed = { ms: now() - began, refused: probed.verdict === 'rejected' };
    }
  } catch {
    // What is wrong with a door is told by doctor; here it is only not timed.
    return undefined;
  }
  return timed;
}

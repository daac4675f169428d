// Old denied = three controls on one path of one replica within a minute: new taken, nonsense refused, old refused by the credential error, new again.
import { findings } from '../domain/stays-dead.ts';
import type { Probed } from '../kit/capability.ts';
import type { Secret } from '../kit/secret.ts';

export type Role = 'new' | 'nonsense' | 'old';
export type Attempt = (role: Role, secret: Secret) => Promise<Probed>;
/** Asks the lockout budget for one refused login. */
export type MayFail = () => Promise<boolean>;

/** `mustChange`: the target says of NEW that it is right and must be changed at the next login. */
export type Finding =
  | { readonly kind: 'proved'; readonly code: string; readonly mustChange?: true }
  /** The controls held, but the budget forbade (some of) the old probes, or none was known. `controls`: new accepted and nonsense refused. */
  | {
      readonly kind: 'unprobed';
      readonly why: 'budget' | 'unknown-old';
      readonly code: string;
      readonly controls: boolean;
      readonly mustChange?: true;
    }
  /** `transient`: the path did not answer, and no old secret has been tried yet: the ceremony may be held again. */
  | { readonly kind: 'failed'; readonly why: string; readonly transient: boolean };

/**
 * OLD is never retried; each refused login is paid for first; where an accepted login clears the count, NEW goes between two refusals.
 * `blocked` for NEW is "account not usable": no positive control, so the cell fails with that reason. It is one where the target says of NEW that it
 * is right and must be changed, and of nonsense that it is wrong: a target that says the same to both is caught by the nonsense.
 */
export async function ceremony(input: {
  readonly attempt: Attempt;
  readonly mayFail: MayFail;
  /** Asked after the budget was. */
  readonly between: () => boolean;
  readonly fresh: Secret;
  readonly nonsense: Secret;
  readonly olds: readonly Secret[];
}): Promise<Finding> {
  const { attempt, mayFail, between, fresh, nonsense, olds } = input;
  let triedOld = false;
  let mustChange: { readonly mustChange?: true } = {};
  const failed = (why: string, probed: Probed): Finding => ({
    kind: 'failed',
    why,
    transient: probed.verdict === 'indeterminate' && !triedOld,
  });
  const newOk = async (when: string): Promise<Finding | undefined> => {
    const probed = await attempt('new', fresh);
    if (probed.verdict === 'blocked' && probed.right === true) {
      mustChange = { mustChange: true };
      return undefined;
    }
    return probed.verdict === 'accepted' ? undefined : failed(`${findings.newRefused} ${when} (${probed.verdict} ${probed.code})`, probed);
  };
  const first = await newOk('at first');
  if (first !== undefined) return first;
  if (!(await mayFail()))
    return {
      kind: 'unprobed',
      why: olds.length > 0 ? 'budget' : 'unknown-old',
      code: 'no probe within the lockout budget',
      controls: false,
    };
  const junk = await attempt('nonsense', nonsense);
  if (junk.verdict === 'accepted') return failed('a nonsense secret was accepted: this path accepts anything', junk);
  if (junk.verdict !== 'rejected') return failed(`a nonsense secret was not refused as a credential (${junk.verdict} ${junk.code})`, junk);
  let code = junk.code;
  for (const old of olds) {
    if (between()) {
      const again = await newOk('before the old one');
      if (again !== undefined) return again;
    }
    if (!(await mayFail()))
      return { kind: 'unprobed', why: 'budget', code: 'the old secret was not tried: lockout budget', controls: true };
    triedOld = true;
    const probed = await attempt('old', old);
    if (probed.verdict === 'accepted') return failed(`${findings.oldAccepted} (${old.label})`, probed);
    if (probed.verdict !== 'rejected')
      return failed(`the old secret (${old.label}) was not refused as a credential (${probed.verdict} ${probed.code})`, probed);
    code = probed.code;
  }
  const last = await newOk('at the end');
  if (last !== undefined) return last;
  return olds.length > 0
    ? { kind: 'proved', code, ...mustChange }
    : { kind: 'unprobed', why: 'unknown-old', code, controls: true, ...mustChange };
}

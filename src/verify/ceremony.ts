// Old denied = three controls on one path of one replica within a minute: new accepted, nonsense refused, old refused by the credential error, new again.
import type { Probed } from '../kit/capability.ts';
import type { Secret } from '../kit/secret.ts';

export type Role = 'new' | 'nonsense' | 'old';
export type Attempt = (role: Role, secret: Secret) => Promise<Probed>;
/** Asks the lockout budget for one refused login. */
export type MayFail = () => boolean;

export type Finding =
  | { readonly kind: 'proved'; readonly code: string }
  /** The controls held, but the budget forbade (some of) the old probes, or none was known. `controls`: new accepted and nonsense refused. */
  | { readonly kind: 'unprobed'; readonly why: 'budget' | 'unknown-old'; readonly code: string; readonly controls: boolean }
  | { readonly kind: 'failed'; readonly why: string };

/**
 * OLD is never retried; each refused login is paid for first; where an accepted login clears the count, NEW goes between two refusals.
 * `blocked` for NEW is "right secret, account not usable": no positive control, so the cell fails with that reason.
 */
export async function ceremony(input: {
  readonly attempt: Attempt;
  readonly mayFail: MayFail;
  readonly between: boolean;
  readonly fresh: Secret;
  readonly nonsense: Secret;
  readonly olds: readonly Secret[];
}): Promise<Finding> {
  const { attempt, mayFail, between, fresh, nonsense, olds } = input;
  const newOk = async (when: string): Promise<string | undefined> => {
    const probed = await attempt('new', fresh);
    return probed.verdict === 'accepted' ? undefined : `the new secret was not accepted ${when} (${probed.verdict} ${probed.code})`;
  };
  const first = await newOk('at first');
  if (first !== undefined) return { kind: 'failed', why: first };
  if (!mayFail())
    return {
      kind: 'unprobed',
      why: olds.length > 0 ? 'budget' : 'unknown-old',
      code: 'no probe within the lockout budget',
      controls: false,
    };
  const junk = await attempt('nonsense', nonsense);
  if (junk.verdict !== 'rejected')
    return {
      kind: 'failed',
      why:
        junk.verdict === 'accepted'
          ? 'a nonsense secret was accepted: this path accepts anything'
          : `a nonsense secret was not refused as a credential (${junk.verdict} ${junk.code})`,
    };
  let code = junk.code;
  for (const old of olds) {
    if (between) {
      const again = await newOk('before the old one');
      if (again !== undefined) return { kind: 'failed', why: again };
    }
    if (!mayFail()) return { kind: 'unprobed', why: 'budget', code: 'the old secret was not tried: lockout budget', controls: true };
    const probed = await attempt('old', old);
    if (probed.verdict !== 'rejected')
      return {
        kind: 'failed',
        why:
          probed.verdict === 'accepted'
            ? `OLD SECRET STILL ACCEPTED (${old.label})`
            : `the old secret (${old.label}) was not refused as a credential (${probed.verdict} ${probed.code})`,
      };
    code = probed.code;
  }
  const last = await newOk('at the end');
  if (last !== undefined) return { kind: 'failed', why: last };
  return olds.length > 0 ? { kind: 'proved', code } : { kind: 'unprobed', why: 'unknown-old', code, controls: true };
}

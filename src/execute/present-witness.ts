// Presents what was issued before the first reset to every replica, between its controls: a fresh one taken, a spoilt one refused, the old one, a fresh one again.
import { findings } from '../domain/stays-dead.ts';
import { type Cell, isClosed } from '../domain/verdict.ts';
import type { Probed } from '../kit/capability.ts';
import type { KeyGenerations } from '../kit/generations.ts';
import type { Secret } from '../kit/secret.ts';
import { candidateOf } from './candidate.ts';
import { exceptedIn } from './exceptions.ts';
import { type Held, type LaneHands, pacedProbe, pacedRead } from './lane-hands.ts';
import { note } from './move.ts';

const path = 'issued before';

/** `alive`: some replica still honours it. `unclear`: a control failed or a replica did not answer. `why` is the first such cell. */
export type Presented = {
  readonly kind: 'dead' | 'alive' | 'unclear';
  readonly why: string;
  readonly cells: readonly Cell[];
  readonly lines: readonly string[];
};

export async function presentWitness(hands: LaneHands, held: Held, keys: KeyGenerations): Promise<Presented> {
  const lines: string[] = [];
  const read = await pacedRead(hands, held, () => keys.read(held.item.ref));
  const issued = await issue(hands, held, keys);
  if (read.kind !== 'done' || typeof issued === 'string') {
    const why = typeof issued === 'string' ? issued : 'its replicas cannot be read';
    return { kind: 'unclear', why, cells: [], lines };
  }
  const old = await candidateOf(hands, held);
  const cells: Cell[] = [];
  for (const { replica } of read.value) {
    const present = async (secret: 'new' | 'nonsense' | 'old', witness: Secret): Promise<Probed> => {
      const probed = await pacedProbe(hands, held, () => keys.present(held.item.ref, witness, replica));
      const { verdict, code } = probed;
      lines.push(note(hands, 'probe', held.item, { secret, path, replica, verdict, code }));
      return probed;
    };
    const { verdict, code } = await controlled(present, { ...issued, old });
    cells.push(exceptedIn(held.item, { path, replica, verdict, level: 'probed', code, at: hands.now() }));
  }
  const open = cells.filter((cell) => !isClosed(cell));
  const alive = open.find((cell) => cell.code.startsWith(findings.oldAccepted));
  const first = alive ?? open[0];
  if (cells.length === 0) return { kind: 'unclear', why: 'no replica is known', cells, lines };
  if (first === undefined) return { kind: 'dead', why: '', cells, lines };
  return { kind: alive === undefined ? 'unclear' : 'alive', why: `${first.replica}: ${first.code}`, cells, lines };
}

type Witnesses = { readonly fresh: Secret; readonly nonsense: Secret };

/** Or why not, in words. Sealed and opened again like any secret, in memory only: they are controls, nothing depends on them. */
async function issue(hands: LaneHands, held: Held, keys: KeyGenerations): Promise<Witnesses | string> {
  const one = async (kind: 'real' | 'nonsense'): Promise<Secret | string> => {
    const issued = await keys.witness(held.item.ref, kind);
    if (issued.kind !== 'done') return `no control could be issued: ${issued.fault.message}`;
    const version = held.item.version as number; // set with `sealed`, which every item here has passed
    const sealed = await hands.escrow.seal(hands.claim, held.item.account, version, issued.value);
    return hands.escrow.open(held.item.account, { origin: 'generated', version, state: 'candidate', dataKey: hands.claim.dataKey, sealed });
  };
  const [fresh, nonsense] = [await one('real'), await one('nonsense')];
  if (typeof fresh === 'string') return fresh;
  return typeof nonsense === 'string' ? nonsense : { fresh, nonsense };
}

async function controlled(
  present: (secret: 'new' | 'nonsense' | 'old', witness: Secret) => Promise<Probed>,
  witnesses: Witnesses & { readonly old: Secret },
): Promise<Pick<Cell, 'verdict' | 'code'>> {
  const failed = (why: string): Pick<Cell, 'verdict' | 'code'> => ({ verdict: 'not-proved', code: why });
  const said = ({ verdict, code }: Probed): string => `(${verdict} ${code})`;
  const first = await present('new', witnesses.fresh);
  if (first.verdict !== 'accepted') return failed(`what is issued now was not accepted ${said(first)}`);
  const nonsense = await present('nonsense', witnesses.nonsense);
  if (nonsense.verdict !== 'rejected') return failed(`a spoilt one was not refused ${said(nonsense)}`);
  const old = await present('old', witnesses.old);
  if (old.verdict === 'accepted') return failed(`${findings.oldAccepted} ${said(old)}`);
  if (old.verdict !== 'rejected') return failed(`the old one was not refused as such ${said(old)}`);
  const again = await present('new', witnesses.fresh);
  return again.verdict === 'accepted'
    ? { verdict: 'proved', code: old.code }
    : failed(`what is issued now was not accepted afterwards ${said(again)}`);
}

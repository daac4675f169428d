// The hands of one worker on one account, cut off at a boundary: nothing it writes after that is kept, and no answer reaches it. A fresh worker takes over.
import type { Mode } from '../../src/domain/run.ts';
import { LaneLost } from '../../src/execute/lane-hands.ts';
import type { Claim, LaneStore, Transition } from '../../src/execute/port.ts';
import { indeterminate } from '../../src/kit/kit.ts';
import type { Sealer } from '../../src/kit/secret.ts';

/**
 * `deaths`: one per worker, the boundary after which it is gone, counted from its start. `lost`: the write, counted over all workers, whose answer
 * does not arrive although it was applied; with `chunk` a proxy loses the answer to that many-th request of the write.
 */
export type Point = {
  readonly mode: Mode;
  readonly deaths: readonly number[];
  readonly lost?: { readonly write: number; readonly chunk?: number };
};

/** What a target is changed by. */
const writes: ReadonlySet<string> = new Set([
  'setSecret.set',
  'overlap.open',
  'overlap.close',
  'dualSecret.issue',
  'dualSecret.retire',
  'sessions.end',
  'contain.block',
  'contain.unblock',
  'storeConsumer.put',
  'storeConsumer.reload',
]);
/** What gives the account another secret. */
const sets: ReadonlySet<string> = new Set(['setSecret.set', 'overlap.open', 'dualSecret.issue']);
const settled: ReadonlySet<string> = new Set(['applied', 'propagated', 'revoked', 'proved', 'complete', 'residual']);

export type Arm = (name: string, chunk: number) => { readonly hits: number; disarm(): void } | undefined;

export class Hands {
  readonly point: Point;
  /** Every boundary and write met, in order, of all workers. */
  readonly boundaries: string[] = [];
  readonly written: string[] = [];
  died = 0;
  swallowed = 0;
  rewrites = 0;
  #life = 0;
  #met = 0;
  #isSettled = false;
  #dead = false;
  #claim: Claim | undefined;
  #gone = latch();
  /** Set where a proxy stands before the target. */
  arm: Arm | undefined;

  constructor(point: Point) {
    this.point = point;
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** A fresh worker: it knows nothing but what is durable. */
  revive(last: boolean): void {
    if (this.#dead) this.#life++;
    this.#met = last ? Number.NEGATIVE_INFINITY : 0;
    this.#dead = false;
    this.#claim = undefined;
    this.#gone = latch();
  }

  lanes(inner: LaneStore): Pick<LaneStore, 'claim' | 'beat' | 'commit' | 'park' | 'finish' | 'note'> {
    return {
      claim: async (lane, owner) => {
        this.#claim = await inner.claim(lane, owner);
        return this.#claim;
      },
      commit: async (transition) => !this.#dead && (await inner.commit(transition)) && this.#kept(transition),
      beat: async (claim) => !this.#dead && (await inner.beat(claim)) && !this.#dead,
      park: async (claim, reason) => (this.#dead ? 0 : inner.park(claim, reason)),
      note: async (...args) => (this.#dead ? undefined : inner.note(...args)),
      finish: async (...args) => {
        if (this.#dead) return;
        await inner.finish(...args);
        this.#pass('the lane is left');
      },
    };
  }

  #kept({ from, to, seal, slots }: Transition): boolean {
    // Only a person's retry (or a canary that was made known) begins anew, with another value.
    this.#isSettled = settled.has(to) || (this.#isSettled && to !== 'planned');
    const what = [slots === undefined ? '' : ' with the slots there are', seal === undefined ? '' : ' with a value'].join('');
    this.#pass(`${from} to ${to}${what}`);
    return !this.#dead;
  }

  #pass(name: string): void {
    this.boundaries.push(name);
    if (++this.#met !== this.point.deaths[this.#life]) return;
    this.#dead = true;
    this.died++;
    this.#gone.open();
  }

  #lost(): LaneLost {
    if (this.#claim === undefined) throw new Error('a target was called outside a lane');
    return new LaneLost(this.#claim);
  }

  /** One call of a connection. What the worker had asked for when it died may still happen at the target; the answer goes nowhere. */
  async call(name: string, args: readonly unknown[], ask: (args: readonly unknown[]) => Promise<unknown>): Promise<unknown> {
    if (this.#dead) throw this.#lost();
    if (!writes.has(name)) return ask(args);
    this.written.push(name);
    if (sets.has(name) && this.#isSettled) this.rewrites++;
    const fault = this.point.lost?.write === this.written.length ? this.point.lost : undefined;
    const asked = name === 'dualSecret.issue' ? this.#issue(args, ask, fault !== undefined && fault.chunk === undefined) : ask(args);
    const answer = await Promise.race([this.#through(name, asked, fault?.chunk), this.#gone.opened.then(() => gone)]);
    if (answer === gone || this.#dead) throw this.#lost();
    this.#pass(name);
    if (this.#dead) throw this.#lost();
    if (fault === undefined || fault.chunk !== undefined) return answer;
    this.swallowed++;
    return indeterminate('unreachable', 'the answer was lost');
  }

  async #through(name: string, asked: Promise<unknown>, chunk: number | undefined): Promise<unknown> {
    const armed = chunk === undefined ? undefined : this.arm?.(name, chunk);
    try {
      return await asked;
    } finally {
      armed?.disarm();
      this.swallowed += armed?.hits ?? 0;
    }
  }

  /** A value that arrived is not yet sealed: there is a boundary on either side of the seal, and a worker that is gone does not come back from it. */
  #issue(args: readonly unknown[], ask: (args: readonly unknown[]) => Promise<unknown>, losing: boolean): Promise<unknown> {
    const [account, sealer, label] = args as [unknown, Sealer, unknown]; // the arguments of dualSecret.issue
    const arrived = latch();
    const seal: Sealer['seal'] = async (slot, bytes) => {
      if (losing) arrived.open();
      else this.#pass('the target has made a value');
      if (losing || this.#dead) return never();
      return sealer.seal(slot, bytes).catch((error: unknown) => (this.#dead ? never() : Promise.reject(error)));
    };
    return Promise.race([ask([account, { seal }, label]), arrived.opened]);
  }
}

type Latch = { readonly opened: Promise<void>; open(): void };
function latch(): Latch {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}
const gone = Symbol('gone');
const never = (): Promise<never> => new Promise(() => {});

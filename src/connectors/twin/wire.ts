// The simulated network between Rekey and a twin: latency, throttle, unreachability, and calls that end when they must.
import type { Io } from '../../kit/kit.ts';
import type { FaultRule, Operation, Span, TwinConfig } from './config.ts';
import { Schedule } from './schedule.ts';
import { chance } from './seeded.ts';
import type { Truth } from './truth.ts';

/** What happened to a request before the twin looked at it. `rule` is left for the operation to act on. */
export type Arrival =
  | { readonly kind: 'arrived'; readonly rule: FaultRule | undefined }
  | {
      readonly kind: 'stopped';
      readonly code: 'unreachable' | 'throttled' | 'permission';
      readonly message: string;
      readonly target: string;
      readonly retryAfterMs?: number;
    };

type Named = { readonly id: string; readonly name: string };

export class Wire {
  readonly #config: TwinConfig;
  readonly #io: Io;
  readonly #truth: Truth;
  readonly #schedule: Schedule;
  readonly #waiting = new Set<() => void>();
  #calls = 0;

  constructor(config: TwinConfig, io: Io, truth: Truth) {
    this.#config = config;
    this.#io = io;
    this.#truth = truth;
    this.#schedule = new Schedule(config.seed, config.faults);
    // One listener for all calls: hundreds of listeners on one signal make Node warn of a leak.
    io.signal.addEventListener('abort', this.#wakeAll, { once: true });
  }

  /** Milliseconds of the twin's clock. */
  now(): number {
    return this.#io.now().getTime();
  }

  arrive(op: Operation, account?: Named): Arrival {
    this.#truth.refresh();
    this.#calls++;
    if (this.#io.signal.aborted) return stop('unreachable', 'stopped before anything was sent', 'ABORTED');
    if (this.#config.unreachable) return stop('unreachable', 'the system does not answer', 'ECONNREFUSED');
    const wait = this.#overBudget();
    if (wait > 0) return { ...stop('throttled', 'too many calls', '429'), retryAfterMs: wait };
    const rule = this.#schedule.strike(op, account);
    switch (rule?.kind) {
      case 'throttled':
        return { ...stop('throttled', 'too many calls', '429'), retryAfterMs: rule.retryAfterMs ?? 1000 };
      case 'unreachable':
        return stop('unreachable', 'the system does not answer', 'ECONNREFUSED');
      case 'permission':
        return stop('permission', 'the account Rekey uses may not do this', '403');
      default:
        return { kind: 'arrived', rule };
    }
  }

  /** Waits for the reply. False: it did not come within the timeout, or the run was stopped meanwhile. */
  reply(op: Operation): Promise<boolean> | true {
    const ms = this.#latency(op);
    if (ms === 0) return true;
    const { timeoutMs, signal } = this.#io;
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const end = (answered: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(stopped);
        resolve(answered);
      };
      const stopped = (): void => end(false);
      const timer = setTimeout(end, Math.min(ms, timeoutMs), ms <= timeoutMs);
      this.#waiting.add(stopped);
    });
  }

  close(): void {
    this.#io.signal.removeEventListener('abort', this.#wakeAll);
    this.#wakeAll();
  }

  readonly #wakeAll = (): void => {
    for (const wake of [...this.#waiting]) wake();
  };

  /** Generic cell rate: `perSecond` with a burst of a tenth of a second. Returns how long to wait, 0 = go. */
  #overBudget(): number {
    const { perSecond } = this.#config;
    if (perSecond === undefined) return 0;
    const now = this.now();
    const next = Math.max(now, this.#truth.throttledUntil) + 1000 / perSecond;
    const wait = next - now - Math.max(100, 1000 / perSecond);
    if (wait > 0) return Math.ceil(wait);
    this.#truth.throttledUntil = next;
    return 0;
  }

  #latency(op: Operation): number {
    const { latencyMs, seed } = this.#config;
    if (latencyMs === undefined) return 0;
    const kind = op === 'set' || op === 'probe' ? op : 'read';
    const span: Span = typeof latencyMs === 'number' || Array.isArray(latencyMs) ? latencyMs : (latencyMs[kind] ?? 0);
    if (typeof span === 'number') return span;
    return span[0] + (span[1] - span[0]) * chance(seed, 'latency', this.#calls);
  }
}

function stop(code: 'unreachable' | 'throttled' | 'permission', message: string, target: string): Arrival & { kind: 'stopped' } {
  return { kind: 'stopped', code, message, target };
}

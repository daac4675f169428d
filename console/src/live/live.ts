// The one open line to the server. Says whether the picture is live or how old it is, tries again with growing pauses, and lets go while nobody looks.
import type { QueryClient } from '@tanstack/react-query';
import { type Happened, StaleMarks } from './stale.ts';

export type LiveState = { readonly kind: 'connecting' | 'live' | 'lost' | 'resting'; readonly since: number };

/** A tab in the background for this long closes its line; it reads everything again when it is looked at. */
const restAfter = 60_000;
const firstPause = 1000;
const longestPause = 30_000;
const kinds: readonly string[] = ['run', 'plan', 'approval', 'system', 'notice'] satisfies Happened['type'][];

export class Live {
  readonly #marks: StaleMarks;
  readonly #listeners = new Set<() => void>();
  #state: LiveState = { kind: 'connecting', since: Date.now() };
  #source: EventSource | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #pause = firstPause;
  #missed = false;

  constructor(queries: QueryClient) {
    this.#marks = new StaleMarks(queries);
  }

  readonly state = (): LiveState => this.#state;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  start(): () => void {
    const looked = (): void => this.#looked();
    document.addEventListener('visibilitychange', looked);
    this.#open();
    return () => {
      document.removeEventListener('visibilitychange', looked);
      clearTimeout(this.#rest);
      this.#close();
    };
  }

  #open(): void {
    this.#close();
    const source = new EventSource('/v1/events');
    this.#source = source;
    source.onopen = () => {
      this.#pause = firstPause;
      // What happened while the line was down is not told again: everything on the page may be old.
      if (this.#missed) this.#marks.everything();
      this.#missed = false;
      this.#say('live');
    };
    source.addEventListener('change', (event) => {
      const happened = happenedIn(event.data);
      if (happened !== undefined) this.#marks.add(happened);
    });
    source.addEventListener('reset', () => this.#marks.everything());
    source.onerror = () => {
      this.#missed = true;
      this.#say('lost');
      // The browser tries again by itself, but not after a refusal, and without growing pauses.
      source.close();
      this.#again = setTimeout(() => this.#open(), this.#pause);
      this.#pause = Math.min(longestPause, this.#pause * 2);
    };
  }

  #close(): void {
    clearTimeout(this.#again);
    this.#source?.close();
    this.#source = undefined;
  }

  #looked(): void {
    clearTimeout(this.#rest);
    if (document.hidden) {
      this.#rest = setTimeout(() => {
        this.#close();
        this.#missed = true;
        this.#say('resting');
      }, restAfter);
    } else if (this.#source === undefined || this.#source.readyState === EventSource.CLOSED) {
      this.#pause = firstPause;
      this.#open();
    }
  }

  #say(kind: LiveState['kind']): void {
    if (kind === this.#state.kind) return;
    this.#state = { kind, since: Date.now() };
    for (const listener of this.#listeners) listener();
  }
}

/** What this page does not know of is left alone: a newer server may tell of more. */
function happenedIn(data: unknown): Happened | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const { type, id } = JSON.parse(data) as { type?: unknown; id?: unknown };
    if (typeof type !== 'string' || !kinds.includes(type)) return undefined;
    return { type: type as Happened['type'], ...(typeof id === 'string' ? { id } : {}) }; // one of `kinds`
  } catch {
    return undefined;
  }
}

// Which answers an event makes old. Keys of the cache begin with the resource's name: ['runs'], ['run', id, …], ['plans'], ['plan', id, …].
import type { QueryClient } from '@tanstack/react-query';

export type Happened = { readonly type: 'run' | 'plan' | 'approval' | 'system' | 'notice'; readonly id?: string };

function keysOf({ type, id }: Happened): readonly (readonly string[])[] {
  const one = (name: string): readonly string[] => (id === undefined ? [name] : [name, id]);
  switch (type) {
    case 'run':
      return [one('run'), ['runs'], ['now']];
    case 'plan':
      return [one('plan'), ['plans'], ['approvals'], ['now']];
    case 'approval':
      return [one('plan'), ['plans'], ['approvals'], ['now']];
    case 'system':
      return [one('system'), ['systems'], ['accounts'], ['now']];
    case 'notice':
      return [['notices']];
  }
}

/** A run says something four times a second; people read every other second, and each reading costs the store a count. */
const atMostEvery = 2000;

/** Collects what happened and marks it stale together: what is on the screen is asked again, the rest when it is next looked at. */
export class StaleMarks {
  readonly #queries: QueryClient;
  readonly #waiting = new Map<string, readonly string[]>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(queries: QueryClient) {
    this.#queries = queries;
  }

  add(happened: Happened): void {
    for (const key of keysOf(happened)) this.#waiting.set(key.join('/'), key);
    this.#timer ??= setTimeout(() => this.#flush(), atMostEvery);
  }

  everything(): void {
    void this.#queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
  }

  #flush(): void {
    this.#timer = undefined;
    for (const [name, queryKey] of this.#waiting) {
      // An answer on its way is let come, and asked again after it: cancelling it would show nothing for as long as a busy run keeps talking.
      if (this.#queries.isFetching({ queryKey }) > 0) continue;
      this.#waiting.delete(name);
      void this.#queries.invalidateQueries({ queryKey });
    }
    if (this.#waiting.size > 0) this.#timer = setTimeout(() => this.#flush(), atMostEvery);
  }
}

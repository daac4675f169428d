// What a twin remembers of each account, in number columns: 38 bytes an account, so that a million of them do not show in a bench's memory.

const chunkSize = 4096;

export const flag = { written: 1, blocked: 2, locked: 4, any: 8, stale: 16, everLocked: 32, reverted: 64 } as const;

class Chunk {
  readonly current = new Float64Array(chunkSize);
  readonly previous = new Float64Array(chunkSize);
  readonly changedAt = new Float64Array(chunkSize);
  readonly failedAt = new Float64Array(chunkSize);
  readonly writes = new Uint32Array(chunkSize);
  readonly failures = new Uint8Array(chunkSize);
  readonly flags = new Uint8Array(chunkSize);
}
type Column = keyof Chunk;

/** Chunks appear when an account of theirs is first written. An account never written reads as zeros. */
export class Columns {
  readonly #chunks: (Chunk | undefined)[] = [];

  get(column: Column, index: number): number {
    return this.#chunks[Math.floor(index / chunkSize)]?.[column][index % chunkSize] ?? 0;
  }

  put(column: Column, index: number, value: number): void {
    const at = Math.floor(index / chunkSize);
    this.#chunks[at] ??= new Chunk();
    this.#chunks[at][column][index % chunkSize] = value;
  }

  has(index: number, bit: number): boolean {
    return (this.get('flags', index) & bit) !== 0;
  }

  raise(index: number, bits: number): void {
    this.put('flags', index, this.get('flags', index) | bits);
  }

  lower(index: number, bits: number): void {
    this.put('flags', index, this.get('flags', index) & ~bits);
  }

  /** Indexes of all accounts with this flag. */
  *with(bit: number): Iterable<number> {
    for (const [at, chunk] of this.#chunks.entries()) {
      if (chunk === undefined) continue;
      for (let i = 0; i < chunkSize; i++) if (((chunk.flags[i] as number) & bit) !== 0) yield at * chunkSize + i;
    }
  }
}

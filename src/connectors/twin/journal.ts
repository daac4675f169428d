// The file that outlives a killed process: one line per applied change, written before the reply. Several processes may append to one file.
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import type { TwinEvent } from './event.ts';

/** A kill cannot tear a line (one write call each), and O_APPEND keeps lines of several writers whole. Power loss is not the twin's subject: no fsync. */
export class Journal {
  readonly #fd: number;
  #read = 0;
  #rest = '';

  constructor(file: string) {
    this.#fd = openSync(file, 'a+', 0o600);
  }

  append(event: TwinEvent): void {
    writeSync(this.#fd, `${JSON.stringify(event)}\n`);
  }

  /** Events appended since the last call, by whatever process. */
  *fresh(): Iterable<TwinEvent> {
    const size = fstatSync(this.#fd).size;
    const buffer = Buffer.allocUnsafe(Math.min(size - this.#read, 1 << 20));
    while (this.#read < size) {
      const n = readSync(this.#fd, buffer, 0, Math.min(buffer.length, size - this.#read), this.#read);
      if (n === 0) return;
      this.#read += n;
      const lines = (this.#rest + buffer.toString('latin1', 0, n)).split('\n');
      this.#rest = lines.pop() as string;
      for (const line of lines) yield JSON.parse(line) as TwinEvent;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}

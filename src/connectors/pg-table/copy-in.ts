// Sends one value as COPY data: the only way into the server that log_statement, parameter logging and pg_stat_statements never write down.
import type { Client, Connection, Submittable } from 'pg';

/** What the driver calls on a query of its own and on one like ours, beyond its published types. */
type CopySide = Connection & { sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void };

class CopyIn implements Submittable {
  readonly #statement: string;
  readonly #line: Buffer;
  readonly #ended: (error?: Error) => void;
  #failed = false;

  constructor(statement: string, line: Buffer, ended: (error?: Error) => void) {
    this.#statement = statement;
    this.#line = line;
    this.#ended = ended;
  }

  submit(connection: Connection): void {
    connection.query(this.#statement);
  }

  handleCopyInResponse(connection: CopySide): void {
    connection.sendCopyFromChunk(this.#line);
    connection.endCopyFrom();
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    if (!this.#failed) this.#ended();
  }

  handleError(error: Error): void {
    this.#failed = true;
    this.#ended(error);
  }
}

/** One row of one column. Rejects with the server's or the connection's error. */
export async function copyIn(client: Client, statement: string, text: string): Promise<void> {
  const line = Buffer.from(`${escaped(text)}\n`);
  try {
    await new Promise<void>((resolve, reject) => {
      client.query(new CopyIn(statement, line, (error) => (error === undefined ? resolve() : reject(error))));
    });
  } finally {
    line.fill(0);
  }
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text format of COPY: a backslash, an end of line and the column separator are the only characters with a meaning. */
export const escaped = (text: string): string => text.replace(/[\\\n\r\t]/g, (c) => escapes[c] ?? c);

// `rekey serve` as its users start it: the built command in a folder, until it says where it is. Everything it says is kept.
import { appendFileSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { Product } from '../lab/estate/product.ts';

export type Serving = {
  readonly url: string;
  /** The code of the first administrator; null once there is one. */
  readonly code: string | null;
  stop(): Promise<void>;
};

/** A new embedded store takes two seconds alone, and minutes on two cores that also build and test. */
const startMs = 300_000;

/** `log` collects what it writes, over restarts too. */
export async function serve(product: Product, folder: string, port: number, log: string): Promise<Serving> {
  appendFileSync(log, '');
  const before = readFileSync(log, 'utf8').length;
  const { child, ended } = product.start(folder, 'serve', '--listen', `127.0.0.1:${port}`);
  const said = (): string => readFileSync(log, 'utf8').slice(before);
  let late: NodeJS.Timeout | undefined;
  const ready = new Promise<void>((resolve, reject) => {
    late = setTimeout(() => reject(new Error(`rekey serve did not start:\n${said()}`)), startMs);
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (data) => {
        appendFileSync(log, String(data));
        if (/Rekey is at \S+/.test(said())) resolve();
      });
    void ended.then(({ exit }) => reject(new Error(`rekey serve ended with ${exit}:\n${said()}`)));
  });
  await ready
    .finally(() => clearTimeout(late))
    .catch((error: unknown) => {
      child.kill('SIGKILL');
      throw error;
    });
  const url = /Rekey is at (\S+)/.exec(said())?.[1] ?? '';
  return {
    url,
    // Said in the same breath as the address; the line may still be on its way.
    code: await codeIn(said),
    stop: async () => {
      child.kill('SIGINT');
      await ended;
    },
  };
}

async function codeIn(said: () => string): Promise<string | null> {
  for (let tries = 0; tries < 10; tries += 1) {
    const code = /enter the code (\S+)/.exec(said())?.[1];
    if (code !== undefined) return code;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return null;
}

/** A port nobody listens on now: the address must stay the same when the server starts again, or its cookies are another site's. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo; // it listens on a port
  await new Promise((closed) => server.close(closed));
  return port;
}

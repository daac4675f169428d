// A body that does not come is not waited for: a selector has half a minute, an upload must go on arriving.
import type { FastifyInstance } from 'fastify';

export type BodyTimes = { readonly wholeMs: number; readonly standstillMs: number };
/** 1 MiB in 30 s is 35 kB/s: a bad mobile line. An upload that says nothing for as long is over. */
const usual: BodyTimes = { wholeMs: 30_000, standstillMs: 30_000 };

export function cutOffSlowBodies(api: FastifyInstance, { wholeMs, standstillMs }: BodyTimes = usual): void {
  api.addHook('onRequest', async ({ raw, headers }) => {
    if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return;
    const upload = String(headers['content-type'] ?? '').startsWith('text/csv');
    let read = raw.socket.bytesRead;
    const timer = setInterval(
      () => {
        // What was sent and not taken yet is our own slowness.
        const ours = raw.readableLength > 0;
        const moved = raw.socket.bytesRead > read;
        read = raw.socket.bytesRead;
        if (!raw.complete && !(upload && (moved || ours))) raw.socket.destroy();
      },
      upload ? standstillMs : wholeMs,
    );
    timer.unref();
    const over = (): void => clearInterval(timer);
    raw.once('end', over);
    raw.once('close', over);
  });
}

// A TCP line to a local port that can be held: while paused, bytes from the server wait, and the reader sees nothing new. Makes a replica lag.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type HeldLine = { readonly port: number; pause(): void; resume(): void; close(): Promise<void> };

export async function heldLine(target: number): Promise<HeldLine> {
  const upstreams = new Set<Socket>();
  let held = false;
  const server = createServer((client) => {
    const upstream = connect({ port: target, host: '127.0.0.1' });
    upstreams.add(upstream);
    if (held) upstream.pause();
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => client.write(bytes));
    const end = () => {
      upstreams.delete(upstream);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    pause() {
      held = true;
      for (const upstream of upstreams) upstream.pause();
    },
    resume() {
      held = false;
      for (const upstream of upstreams) upstream.resume();
    },
    async close() {
      for (const upstream of upstreams) upstream.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

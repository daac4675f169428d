// Records every write, fsync and name change PGlite makes, and builds the folder as a disk could hold it after a power cut.
// Kept: per file all before its last fsync, each later write with probability p. Names: all, or only those before the last fsync of anything
// (a journal commits in order).
import { closeSync, cpSync, existsSync, mkdirSync, openSync, renameSync, rmdirSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DurableNodeFS, type Nodefs, type NodefsStream } from '../../src/store/pglite-durable-fs.ts';

type Event =
  | { readonly t: 'write'; readonly file: string; readonly at: number; readonly data: Buffer }
  | { readonly t: 'sync'; readonly file: string }
  | { readonly t: 'create' | 'mkdir' | 'unlink' | 'rmdir'; readonly file: string }
  | { readonly t: 'rename'; readonly file: string; readonly to: string }
  | { readonly t: 'truncate'; readonly file: string; readonly size: number };
export type Cut = { readonly at: number; readonly p: number; readonly names: 'keep' | 'drop'; readonly random: () => number };

type WriteOp = (stream: NodefsStream, buffer: Uint8Array, offset: number, length: number, position: number) => number;
type NodeOp = (...args: never[]) => unknown;

export class RecordingFS extends DurableNodeFS {
  readonly events: Event[] = [];
  recording = false;
  readonly #syncs: boolean;

  /** `syncs: false` is PGlite as shipped: no fsync handler. */
  constructor(folder: string, syncs: boolean) {
    super(folder);
    this.#syncs = syncs;
  }

  protected override install(nodefs: Nodefs): void {
    if (this.#syncs) super.install(nodefs);
    const path = (node: unknown, name = ''): string => relative(this.rootDir, join(nodefs.realPath(node), name));
    const note = (event: Event): void => {
      if (this.recording) this.events.push(event);
    };
    const { stream_ops: streams, node_ops: nodes } = nodefs;

    const write = streams.write as WriteOp;
    streams.write = ((stream, buffer, offset, length, position) => {
      const n = write(stream, buffer, offset, length, position);
      note({ t: 'write', file: path(stream.node), at: position, data: Buffer.from(buffer.subarray(offset, offset + n)) });
      return n;
    }) satisfies WriteOp;
    const sync = streams.fsync;
    if (sync)
      streams.fsync = (stream) => {
        const result = sync(stream);
        note({ t: 'sync', file: path(stream.node) });
        return result;
      };

    // The event is read before the call (a rename changes the path) and noted after it succeeded.
    const wrap = (name: string, event: (...args: never[]) => Event | undefined): void => {
      const original = nodes[name] as NodeOp;
      nodes[name] = (...args: never[]): unknown => {
        const before = event(...args);
        const result = original(...args);
        if (before) note(before);
        return result;
      };
    };
    wrap('mknod', (parent: unknown, name: string, mode: number) => ({
      t: (mode & 0o170000) === 0o040000 ? 'mkdir' : 'create',
      file: path(parent, name),
    }));
    wrap('rename', (node: unknown, parent: unknown, name: string) => ({ t: 'rename', file: path(node), to: path(parent, name) }));
    wrap('unlink', (parent: unknown, name: string) => ({ t: 'unlink', file: path(parent, name) }));
    wrap('rmdir', (parent: unknown, name: string) => ({ t: 'rmdir', file: path(parent, name) }));
    wrap('setattr', (node: unknown, attr: { size?: number }) =>
      attr.size === undefined ? undefined : { t: 'truncate', file: path(node), size: attr.size },
    );
  }
}

/** Writes into `folder` what a cut before event `cut.at` may leave of `snapshot` plus the recorded events. */
export function materialize(snapshot: string, events: readonly Event[], cut: Cut, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  cpSync(snapshot, folder, { recursive: true });
  const past = events.slice(0, cut.at);
  const { ids, synced, lastSync } = identities(past);
  past.forEach((event, i) => {
    const file = join(folder, event.file);
    const id = ids[i] ?? event.file;
    const nameKept = cut.names === 'keep' || i < lastSync;
    switch (event.t) {
      case 'write': {
        const kept = i < (synced.get(id) ?? -1) || cut.random() < cut.p;
        if (kept && existsSync(file)) writeAt(file, event.data, event.at);
        break;
      }
      case 'truncate':
        if (nameKept && existsSync(file)) truncateSync(file, event.size);
        break;
      case 'create':
        if (nameKept && !existsSync(file)) closeSync(openSync(file, 'a'));
        break;
      case 'mkdir':
        if (nameKept) mkdirSync(file, { recursive: true });
        break;
      case 'rename':
        if (nameKept && existsSync(file)) renameSync(file, join(folder, event.to));
        break;
      case 'unlink':
        if (nameKept) rmSync(file, { force: true });
        break;
      case 'rmdir':
        if (nameKept && existsSync(file)) rmdirSync(file);
        break;
      case 'sync':
        break;
    }
  });
}

/** A file keeps its identity through renames; a name used again is another file. */
function identities(events: readonly Event[]): { ids: string[]; synced: Map<string, number>; lastSync: number } {
  const now = new Map<string, string>();
  const synced = new Map<string, number>();
  let lastSync = -1;
  const ids = events.map((event, i) => {
    if (event.t === 'create') now.set(event.file, `${event.file}#${i}`);
    const id = now.get(event.file) ?? event.file;
    if (event.t === 'rename') {
      now.set(event.to, id);
      now.delete(event.file);
    }
    if (event.t === 'unlink') now.delete(event.file);
    if (event.t === 'sync') {
      synced.set(id, i);
      lastSync = i;
    }
    return id;
  });
  return { ids, synced, lastSync };
}

function writeAt(file: string, data: Buffer, at: number): void {
  const fd = openSync(file, 'r+');
  try {
    writeSync(fd, data, 0, data.length, at);
  } finally {
    closeSync(fd);
  }
}

/** mulberry32: the same cut for the same seed, everywhere. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

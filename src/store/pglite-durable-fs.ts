// PGlite whose COMMIT returns only after fdatasync(2) returned.
// As shipped it starts PostgreSQL with -F (fsync off) and NODEFS has no fsync handler; a power cut then loses acknowledged commits.
import { closeSync, fdatasyncSync, fsyncSync, openSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/** The part of emscripten's NODEFS this file touches. `nfd` is the host's file descriptor; a directory's stream has none. */
export type NodefsStream = { readonly nfd?: number; readonly node: unknown };
export type Nodefs = {
  realPath(node: unknown): string;
  readonly stream_ops: { fsync?: (stream: NodefsStream) => number } & Record<string, unknown>;
  readonly node_ops: Record<string, unknown>;
};
type Init = Awaited<ReturnType<NodeFS['init']>>;
type PreRun = { readonly FS: { readonly filesystems: { readonly NODEFS: Nodefs } } };

export class DurableNodeFS extends NodeFS {
  override async init(...args: Parameters<NodeFS['init']>): Promise<Init> {
    const result = await super.init(...args);
    const before = result.emscriptenOpts.preRun ?? [];
    const install = (module: unknown): void => this.install((module as PreRun).FS.filesystems.NODEFS); // emscripten's module has no published type
    result.emscriptenOpts.preRun = [...(Array.isArray(before) ? before : [before]), install];
    return result;
  }

  /** The power-cut recorder overrides this to see every call. */
  protected install(nodefs: Nodefs): void {
    nodefs.stream_ops.fsync = (stream) => {
      // A failure must leave as an exception: the worker then stops, because PostgreSQL may not go on after a failed fsync.
      if (stream.nfd !== undefined) fdatasyncSync(stream.nfd);
      else syncFolder(nodefs.realPath(stream.node));
      return 0;
    };
  }
}

/** Makes created and renamed names durable. Some file systems cannot sync a folder; they write names in order. */
export function syncFolder(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EINVAL' && code !== 'EBADF' && code !== 'EPERM') throw error;
  } finally {
    closeSync(fd);
  }
}

/** fdatasync is a stub in emscripten and fsync is not. Without a background checkpointer the small WAL bounds the time a reopening takes. */
export const durableStart: string[] = [
  ...PGlite.defaultStartParams.filter((param) => param !== '-F'),
  ...[
    'fsync=on',
    'wal_sync_method=fsync',
    'full_page_writes=on',
    'synchronous_commit=on',
    'max_wal_size=128MB',
    'min_wal_size=32MB',
  ].flatMap((set) => ['-c', set]),
];

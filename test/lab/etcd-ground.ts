// What the etcd suites stand on: a lab server with authentication on, and an open store.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LabEtcd, startEtcd } from '../../lab/etcd.ts';
import { etcd } from '../../src/connectors/etcd/etcd.ts';
import type { AccountRef, Io } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';

export const account: AccountRef = { system: 'db', id: '1', name: 'app' };
type Opened = Awaited<ReturnType<typeof etcd.open>>;
export type Ground = {
  readonly lab: LabEtcd;
  open(more?: object, io?: Partial<Io>): Promise<Opened>;
  /** A key of its own with a first value. */
  key(old?: string): Promise<string>;
  stop(): Promise<void>;
};

export async function ground(): Promise<Ground> {
  const dir = mkdtempSync(join(tmpdir(), 'rekey-lab-etcd-'));
  const lab = await startEtcd({ dir, prefix: '/apps/', keys: { '/other/key': 'not ours' } });
  let next = 0;
  return {
    lab,
    open: (more = {}, io = {}) =>
      etcd.open(etcd.config.parse({ endpoints: [lab.url], user: lab.rekey.user, password: { env: 'UNUSED' }, ...more }), {
        system: 'etcd',
        timeoutMs: 3000,
        signal: new AbortController().signal,
        now: () => new Date(),
        resolve: async () => secretOf('own', lab.rekey.password),
        path: (relative) => join(dir, relative),
        ...io,
      }),
    key: async (old = '0ld-value-of-app') => {
      const key = `/apps/app-${++next}/password`;
      await lab.put(key, old);
      return key;
    },
    stop: async () => {
      await lab.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

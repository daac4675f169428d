// Secrets in keys of etcd: exchanged by compare-and-swap, through the JSON gateway of its own API.
import { defineConnector } from '../../kit/kit.ts';
import { storeSupports } from '../../kit/roles.ts';
import { check } from './check.ts';
import { config } from './config.ts';
import { members } from './members.ts';
import { store } from './store.ts';

export const etcd = defineConnector({
  id: 'etcd',
  title: 'etcd key',
  role: 'store',
  config,
  supports: { ...storeSupports, check: true },
  permissions: {
    check: ['a user that may log in'],
    storeConsumer: ['a role with readwrite on the keys or their prefix'],
  },
  derivatives: [
    {
      what: 'Older revisions of the key stay readable',
      killedBy: 'compaction, then defragmentation; the reset at the system itself makes them worthless',
      residual: 'none once the old secret is denied',
    },
    {
      what: 'The value in the memory of consumers',
      killedBy: 'their watch on the key, or a restart of those that read once',
      residual: 'as long as the process runs',
    },
    { what: 'Snapshots and backups', killedBy: 'not ended', residual: 'none once the old secret is denied' },
  ],
  pace: { perSecond: 50, concurrency: 4, setMs: 20, probeMs: 10 },
  async open(settings, io) {
    const cluster = members(settings, io);
    const each = settings.endpoints.map((url) => ({ url, members: members({ ...settings, endpoints: [url] }, io) }));
    return {
      check: check(settings, cluster, each),
      storeConsumer: store(settings, cluster),
      async [Symbol.asyncDispose]() {},
    };
  },
});

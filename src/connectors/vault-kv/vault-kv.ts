// Secrets in a key/value mount (version 2) of Vault or OpenBao: one key changed, the others and the metadata kept.
import { defineConnector } from '../../kit/kit.ts';
import { storeSupports } from '../../kit/roles.ts';
import { check } from './check.ts';
import { config } from './config.ts';
import { store } from './store.ts';
import { vault } from './vault.ts';

export const vaultKv = defineConnector({
  id: 'vault-kv',
  title: 'Vault KV version 2',
  role: 'store',
  config,
  supports: { ...storeSupports, check: true },
  permissions: {
    check: ['auth/token/lookup-self: read (in the policy default)'],
    storeConsumer: ['<mount>/data/<path>: read and patch; with write: put, read and update'],
  },
  derivatives: [
    {
      what: 'Older versions of the secret (max_versions, 10 unless set) stay readable',
      killedBy: 'destroy of those versions; the reset at the system itself makes them worthless',
      residual: 'none once the old secret is denied',
    },
    {
      what: 'Copies that agents, CSI drivers, operators and applications made of it',
      killedBy: 'their own refresh, or a restart of the consumer',
      residual: 'as long as they cache, or the process runs',
    },
    { what: 'Performance secondaries', killedBy: 'replication', residual: 'the replication lag' },
  ],
  pace: { perSecond: 30, concurrency: 4, setMs: 20, probeMs: 10 },
  async open(settings, io) {
    const begin = vault(settings, io);
    return {
      check: check(settings, begin),
      storeConsumer: store(settings, begin),
      async [Symbol.asyncDispose]() {},
    };
  },
});

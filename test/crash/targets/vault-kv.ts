// Entries of a KV engine in miniature.
import { simulateVault, token } from '../../../src/connectors/vault-kv/simulator.ts';
import { vaultKv } from '../../../src/connectors/vault-kv/vault-kv.ts';
import { io } from '../io.ts';
import type { CrashStore } from '../target.ts';

export async function start(): Promise<CrashStore> {
  const target = await simulateVault();
  const own = { host: '127.0.0.1', port: Number(new URL(target.url).port) };
  let next = 0;
  return {
    place: async (password) => {
      const name = `app-${next++}`;
      target.put(name, { user: 'app', password });
      return { ref: `secret/data/${name}#password` };
    },
    open: (reach, at = own) =>
      vaultKv.open(vaultKv.config.parse({ url: `http://${at.host}:${at.port}`, token: { env: 'OWN' } }), io(reach, token)),
    holds: (ref, text) => target.value(/data\/(.*)#/.exec(ref)?.[1] ?? '', 'password') === text,
    behind: own,
    stop: () => target.stop(),
  };
}

// Secrets of a cluster in miniature.
import { kubernetes } from '../../../src/connectors/kubernetes/kubernetes.ts';
import { simulateCluster, token } from '../../../src/connectors/kubernetes/simulator.ts';
import { io } from '../io.ts';
import type { CrashStore } from '../target.ts';

export async function start(): Promise<CrashStore> {
  const target = await simulateCluster();
  const own = { host: '127.0.0.1', port: Number(new URL(target.url).port) };
  let next = 0;
  return {
    place: async (password) => {
      const name = `app-${next++}`;
      target.addSecret(name, { user: 'app', password });
      return { ref: `prod/${name}#password` };
    },
    open: (reach, at = own) =>
      kubernetes.open(kubernetes.config.parse({ url: `http://${at.host}:${at.port}`, token: { env: 'OWN' } }), io(reach, token)),
    holds: (ref, text) => target.value(/^prod\/(.*)#/.exec(ref)?.[1] ?? '', 'password') === text,
    behind: own,
    stop: () => target.stop(),
  };
}

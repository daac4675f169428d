// Secrets of a repository on a GitHub in miniature.
import { githubActions } from '../../../src/connectors/github-actions/github-actions.ts';
import { simulateGithub, token } from '../../../src/connectors/github-actions/simulator.ts';
import { io } from '../io.ts';
import type { CrashStore } from '../target.ts';

const place = 'repos/acme/shop/actions';

export async function start(): Promise<CrashStore> {
  const target = await simulateGithub();
  const own = { host: '127.0.0.1', port: Number(new URL(target.url).port) };
  let next = 0;
  return {
    place: async (old) => {
      const name = `PASSWORD_${next++}`;
      target.add(place, name, old);
      return { ref: `acme/shop:${name}` };
    },
    open: (reach, at = own) =>
      githubActions.open(githubActions.config.parse({ url: `http://${at.host}:${at.port}`, token: { env: 'OWN' } }), io(reach, token)),
    holds: (ref, text) => target.secrets.get(`${place}:${ref.split(':')[1]}`)?.value === text,
    behind: own,
    stop: () => target.stop(),
  };
}

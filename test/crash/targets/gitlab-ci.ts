// Variables of a project on a GitLab in miniature.
import { gitlabCi } from '../../../src/connectors/gitlab-ci/gitlab-ci.ts';
import { simulateGitlab, token } from '../../../src/connectors/gitlab-ci/simulator.ts';
import { io } from '../io.ts';
import type { CrashStore } from '../target.ts';

const project = 'projects/acme/shop';

export async function start(): Promise<CrashStore> {
  const target = await simulateGitlab();
  const own = { host: '127.0.0.1', port: Number(new URL(target.url).port) };
  let next = 0;
  return {
    place: async (old) => {
      const name = `PASSWORD_${next++}`;
      target.add(project, name, old);
      return { ref: `acme/shop:${name}` };
    },
    open: (reach, at = own) =>
      gitlabCi.open(gitlabCi.config.parse({ url: `http://${at.host}:${at.port}`, token: { env: 'OWN' } }), io(reach, token)),
    holds: (ref, text) => (target.owners.get(project) ?? []).some(({ key, value }) => key === ref.split(':')[1] && value === text),
    behind: own,
    stop: () => target.stop(),
  };
}

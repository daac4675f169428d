// Secrets of GitHub Actions, of a repository, an environment or an organisation: sealed to GitHub's key, never readable again.
import { defineConnector } from '../../kit/kit.ts';
import { storeSupports } from '../../kit/roles.ts';
import { github } from './api.ts';
import { check } from './check.ts';
import { config } from './config.ts';
import { store } from './store.ts';

export const githubActions = defineConnector({
  id: 'github-actions',
  title: 'GitHub Actions secret',
  role: 'store',
  config,
  supports: { ...storeSupports, check: true },
  permissions: {
    check: ['any token'],
    storeConsumer: [
      'repository: Secrets (write)',
      'environment: Environments (write)',
      'organisation: Secrets (write) of the organisation',
      'for dispatch: Actions (write); for run: Actions (read)',
    ],
  },
  derivatives: [
    {
      what: 'Jobs that run already keep the value they began with',
      killedBy: 'their end, or cancelling them',
      residual: 'as long as they run',
    },
    {
      what: 'Caches, artifacts and logs of earlier runs, and what earlier deployments wrote elsewhere',
      killedBy: 'the reset at the system itself makes them worthless; a deployment is taken up by the next run',
      residual: 'none once the old secret is denied',
    },
    {
      what: 'The same value under other names: Dependabot and Codespaces secrets, variables, secrets of forks',
      killedBy: 'as consumers of their own',
      residual: 'until written there',
    },
  ],
  // GitHub asks for no more than about one change a second (80 in a minute).
  pace: { perSecond: 1, concurrency: 1, setMs: 1200, probeMs: 250 },
  async open(settings, io) {
    const begin = github(settings, io);
    return {
      check: check(settings, begin),
      storeConsumer: store(settings, begin, io),
      async [Symbol.asyncDispose]() {},
    };
  },
});

// CI/CD variables of GitLab projects and groups: the value changes, everything else of the variable stays.
import { defineConnector } from '../../kit/kit.ts';
import { storeSupports } from '../../kit/roles.ts';
import { gitlab } from './api.ts';
import { check } from './check.ts';
import { config } from './config.ts';
import { store } from './store.ts';

export const gitlabCi = defineConnector({
  id: 'gitlab-ci',
  title: 'GitLab CI/CD variable',
  role: 'store',
  config,
  supports: { ...storeSupports, check: true },
  permissions: {
    check: ['any token'],
    storeConsumer: [
      'scope api and role Maintainer on the project; role Owner on the group for its variables',
      'for pipeline: Developer on the branch',
    ],
  },
  derivatives: [
    {
      what: 'Jobs that run already keep the value they began with',
      killedBy: 'their end, or cancelling them',
      residual: 'as long as they run',
    },
    {
      what: 'Caches, artifacts and logs of earlier jobs (a variable that is not masked is in the log of whoever prints it)',
      killedBy: 'the reset at the system itself makes them worthless',
      residual: 'none once the old secret is denied',
    },
    {
      what: 'The same value in other scopes, in pipeline schedules and triggers, in variables of the instance',
      killedBy: 'as consumers of their own',
      residual: 'until written there',
    },
  ],
  pace: { perSecond: 5, concurrency: 2, setMs: 250, probeMs: 80 },
  async open(settings, io) {
    const begin = gitlab(settings, io);
    return {
      check: check(settings, begin),
      storeConsumer: store(settings, begin),
      async [Symbol.asyncDispose]() {},
    };
  },
});

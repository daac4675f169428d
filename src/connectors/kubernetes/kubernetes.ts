// Secrets of a Kubernetes cluster: one key patched under an optimistic lock, workloads restarted, and adoption seen on their pods.
import { defineConnector } from '../../kit/kit.ts';
import { storeSupports } from '../../kit/roles.ts';
import { apiServer } from './api.ts';
import { check } from './check.ts';
import { config } from './config.ts';
import { store } from './store.ts';

export const kubernetes = defineConnector({
  id: 'kubernetes',
  title: 'Kubernetes Secret',
  role: 'store',
  config,
  supports: { ...storeSupports, check: true },
  permissions: {
    check: ['create selfsubjectaccessreviews (system:basic-user, which every service account has)'],
    storeConsumer: [
      'get and patch on the Secrets, by resourceNames',
      'for rollout: get and patch on the deployments, statefulsets and daemonsets named',
      'for health: get on them, list on pods',
    ],
  },
  derivatives: [
    {
      what: 'Environment variables, subPath mounts and what a process has read',
      killedBy: 'a restart of the workload (`rollout`)',
      residual: 'as long as the pod runs',
    },
    {
      what: 'Mounted volumes',
      killedBy: 'the kubelet, by itself',
      residual: 'about a minute and its cache, if the process reads the file again',
    },
    {
      what: 'Jobs and bare pods that run already; old pods during a rolling update',
      killedBy: 'their end',
      residual: 'as long as they run',
    },
    {
      what: 'Copies: etcd history and backups, Helm release Secrets, Git of a GitOps controller, sealed copies',
      killedBy: 'the reset at the system itself makes them worthless',
      residual: 'none once the old secret is denied; a controller may write it back',
    },
  ],
  pace: { perSecond: 20, concurrency: 4, setMs: 30, probeMs: 20 },
  async open(settings, io) {
    const begin = apiServer(settings, io);
    return {
      check: check(settings, begin),
      storeConsumer: store(settings, begin, io),
      async [Symbol.asyncDispose]() {},
    };
  },
});

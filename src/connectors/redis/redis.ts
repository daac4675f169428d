// Redis ACL users: hashes made here, every server written, stored and read back, overlap by two hashes, proof by real logins on each server.
import { defineConnector, type Secret } from '../../kit/kit.ts';
import { check } from './check.ts';
import { config, endpoints } from './config.ts';
import { inventory } from './inventory.ts';
import { Node } from './node.ts';
import { probe } from './probe.ts';
import { sessions } from './sessions.ts';
import { state } from './state.ts';
import { contain, minLength, overlap, setSecret, type Target } from './write.ts';

export const redis = defineConnector({
  id: 'redis',
  title: 'Redis / Valkey',
  role: 'system',
  config,
  supports: {
    check: true,
    inventory: true,
    passwordPolicy: true,
    secretForm: { cannot: 'The secret is a password.' },
    setSecret: true,
    overlap: true,
    dualSecret: { cannot: 'The server makes no passwords: two of our own side by side are the overlap.' },
    state: true,
    lockout: true,
    sessions: true,
    contain: true,
    storeConsumer: { cannot: 'A data store that many programs read is not a place for their secrets.' },
    probe: true,
  },
  permissions: {
    check: ['+info', '+time', '+acl|users', '+acl|getuser', '+config|get'],
    inventory: ['+acl|users', '+acl|getuser', '+acl|log', '+client|list', '+time'],
    passwordPolicy: [],
    setSecret: ['+acl|setuser', '+acl|getuser', '+acl|save', '+config|get', '+config|rewrite', '+info'],
    overlap: ['+acl|setuser', '+acl|getuser', '+acl|save', '+config|get', '+config|rewrite', '+info'],
    state: ['+acl|getuser', '+time'],
    lockout: [],
    sessions: ['+client|list', '+client|kill', '+client|id', '+time'],
    contain: ['+acl|setuser', '+acl|getuser', '+acl|save', '+config|get', '+config|rewrite', '+info'],
    probe: ['+acl|getuser'],
  },
  derivatives: [
    {
      what: 'Open connections, subscriptions and MONITOR included: a removed password and even a user that is off leave them alone',
      killedBy: 'sessions.end (CLIENT KILL by number) on every server',
      residual: 'until ended: the server never ends them by itself',
    },
    {
      what: 'A server that is not listed: ACLs are not replicated, not even to replicas',
      killedBy: 'list it under config.nodes; doctor counts the followers of each primary',
      residual: 'for ever, and it may be the primary after the next failover',
    },
    {
      what: 'A restart of a server that keeps users in memory, or whose ACL or config file is put back by an image, a ConfigMap or a deployment',
      killedBy: 'every change is stored with ACL SAVE or CONFIG REWRITE; the source of the file is a consumer of its own',
      residual: 'the old secret is back after such a start: state shows it',
    },
    {
      what: 'masteruser/masterauth of replicas and sentinel auth-pass hold a password in clear',
      killedBy: 'as consumers: CONFIG SET masterauth on each replica, SENTINEL SET on each sentinel',
      residual: 'replication stops when its link is ended and the old password is still configured',
    },
    {
      what: 'requirepass in a config file still shows the old password of `default` in clear',
      killedBy: 'remove the line: the user line or the ACL file wins over it',
      residual: 'dead as a password, still readable',
    },
  ],
  pace: { perSecond: 400, concurrency: 8, setMs: 3, probeMs: 3 },
  async open(settings, io) {
    const fresh: Secret[] = [];
    // A server that the reset of Rekey's own user has not reached still wants the value of the estate file.
    const secrets = async (): Promise<readonly Secret[]> => [...fresh.toReversed(), await io.resolve(settings.password)];
    const at = endpoints(settings, io);
    const nodeOf = (endpoint: (typeof at)[number]): Node => new Node(endpoint, settings.user, io, secrets);
    const nodes: readonly [Node, ...Node[]] = [nodeOf(at[0]), ...at.slice(1).map(nodeOf)];
    const probing = new Set<string>();
    const target: Target = {
      nodes,
      settings,
      io,
      isOwn: (name) => name === settings.user,
      keepOwn: (secret) => {
        if (!fresh.includes(secret)) fresh.push(secret);
      },
    };
    return {
      check: check(settings, nodes, io),
      inventory: inventory(nodes, settings),
      passwordPolicy: { read: async () => ({ kind: 'done', value: { minLength } }) },
      setSecret: setSecret(target),
      overlap: overlap(target),
      state: state(nodes, secrets),
      // The server never locks: it counts refused logins in ACL LOG, which the inventory shows, and goes on answering.
      lockout: { read: async () => ({ kind: 'done', value: { threshold: 0, failures: 0, resetsOnSuccess: false } }) },
      sessions: sessions(nodes, probing),
      contain: contain(target),
      probe: probe(nodes, io, probing),
      async [Symbol.asyncDispose]() {
        await Promise.all(nodes.map((node) => node.end()));
      },
    };
  },
});

// A simulated system: deterministic from its seed, with scripted faults and an honest record. Demo, drills, tests and benches run on it.
import { defineConnector } from '../../kit/kit.ts';
import { twinConfig } from './config.ts';
import { probe } from './probe.ts';
import { check, inventory, lockout, passwordPolicy, state } from './read.ts';
import { truthOf } from './truths.ts';
import { Wire } from './wire.ts';
import { contain, dualSecret, sessions, setSecret } from './write.ts';

export const twin = defineConnector({
  id: 'twin',
  title: 'Twin (simulated system)',
  role: 'system',
  config: twinConfig,
  supports: {
    check: true,
    inventory: true,
    passwordPolicy: true,
    secretForm: { cannot: 'A twin holds passwords.' },
    setSecret: true,
    overlap: { cannot: 'A reset of a twin replaces the value at once; its second slot is minted (dual).' },
    dualSecret: true,
    state: true,
    lockout: true,
    sessions: true,
    contain: true,
    storeConsumer: { cannot: 'A twin simulates a system with accounts; consumers read their secrets from a store such as `file`.' },
    probe: true,
  },
  permissions: {},
  derivatives: [
    { what: 'Open sessions', killedBy: 'sessions.end, right after the change', residual: 'until ended; a twin never ends them by itself' },
    { what: 'The value before the last one, on accounts of `staleAccounts`', killedBy: 'a second change', residual: 'for ever' },
  ],
  pace: { perSecond: 5000, concurrency: 32, setMs: 1, probeMs: 1 },
  async open(config, io) {
    const truth = truthOf(io.system, config, config.state === undefined ? undefined : io.path(config.state.file));
    const wire = new Wire(config, io, truth);
    return {
      check: check(config, truth, wire),
      inventory: inventory(truth, wire),
      passwordPolicy: passwordPolicy(config, wire),
      setSecret: setSecret(config, truth, wire),
      dualSecret: dualSecret(config, truth, wire, io.system),
      state: state(config, truth, wire),
      lockout: lockout(config, truth, wire),
      sessions: sessions(truth, wire),
      contain: contain(truth, wire),
      probe: probe(config, truth, wire),
      async [Symbol.asyncDispose]() {
        wire.close();
        if (config.state !== undefined) truth.close();
      },
    };
  },
});

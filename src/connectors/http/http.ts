// Any HTTP API, described in the estate file: its calls as data, its answers by rules, and nothing done that the file does not say.
import { type Capabilities, defineConnector } from '../../kit/kit.ts';
import { inventory } from './accounts.ts';
import { Api } from './api.ts';
import { check } from './check.ts';
import { config } from './config.ts';
import { dualSecret } from './mint.ts';
import { probe } from './probe.ts';
import { sessions } from './sessions.ts';
import { contain, setSecret } from './set-secret.ts';
import { lockout, state } from './state.ts';
import { supports, supportsOf } from './supports.ts';

type Able = Pick<Capabilities, { [K in keyof typeof supports]: (typeof supports)[K] extends true ? K : never }[keyof typeof supports]>;

export const http = defineConnector({
  id: 'http',
  title: 'HTTP API described in the estate file',
  role: 'system',
  config,
  supports,
  supportsFor: supportsOf,
  permissions: {
    check: ['the call of config.accounts'],
    inventory: ['the call of config.accounts'],
    setSecret: ['the call of config.set'],
    dualSecret: ['the calls of config.mint'],
    state: ['the call of config.state'],
    lockout: ['the call of config.lockout.failures, if there is one'],
    sessions: ['the calls of config.sessions'],
    contain: ['the calls of config.contain'],
    probe: ['none: the account logs in by itself'],
  },
  derivatives: [
    {
      what: 'Sessions and tokens the API handed out before the change',
      killedBy: 'the call of config.sessions',
      residual: 'sessions.residualSeconds, where the estate file says it; else unknown',
    },
    {
      what: 'Other keys of the same account that the list of config.mint does not show',
      killedBy: 'by hand in the application',
      residual: 'for ever',
    },
  ],
  pace: { perSecond: 10, concurrency: 2, setMs: 200, probeMs: 200 },
  async open(settings, io) {
    const api = new Api(settings, io);
    const connection = {
      check: check(api),
      ...(settings.accounts === undefined ? {} : { inventory: inventory(api, settings.accounts) }),
      ...(settings.set === undefined ? {} : { setSecret: setSecret(api, settings.set) }),
      ...(settings.mint === undefined ? {} : { dualSecret: dualSecret(api, settings.mint) }),
      ...(settings.state === undefined ? {} : { state: state(api, settings.state) }),
      ...(settings.lockout === undefined ? {} : { lockout: lockout(api, settings.lockout) }),
      ...(settings.sessions === undefined ? {} : { sessions: sessions(api, settings.sessions) }),
      ...(settings.contain === undefined ? {} : { contain: contain(api, settings.contain) }),
      ...(settings.probe === undefined ? {} : { probe: probe(api, settings.probe) }),
      async [Symbol.asyncDispose]() {},
    };
    // What the file does not describe is absent, as `supportsOf` says: the type knows only what some file may describe.
    return connection as Able & AsyncDisposable;
  },
});

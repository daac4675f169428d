// The members of an etcd cluster, asked through the JSON gateway: logged in once, again when the token has ended, the next one when one is down.
import { done, type Io, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import { budgeted } from '../../protocols/http/budget.ts';
import { type Answered, type Call, call, outcomeOf, type Reply, type Target, textAt } from '../../protocols/http/call.ts';
import { targetOf } from '../../protocols/http/settings.ts';
import type { Config } from './config.ts';
import { isAuthOff, meaningOf, needsNewToken } from './fault.ts';

/** `off`: etcd takes everybody. */
export type Login = { readonly token: string } | 'off';
/** `reads`: a question changes nothing, so it is never in doubt. */
export type Ask = (path: readonly string[], json: object, reads: boolean) => Promise<Outcome<Answered>>;
export type Members = {
  login(): Promise<Outcome<Login>>;
  /** For one operation: all its questions together end within `io.timeoutMs`. */
  begin(): Ask;
  version(): Promise<Outcome<string>>;
};

export function members(config: Config, host: Io): Members {
  const targets = config.endpoints.map((url) => targetOf({ url, tls: config.tls }, host));
  let current: Login | undefined = config.user === undefined ? 'off' : undefined;

  async function login(io: Io): Promise<Outcome<Login>> {
    if (current !== undefined) return done(current);
    if (config.password === undefined) return done('off');
    let password: Secret;
    try {
      password = await io.resolve(config.password);
    } catch {
      return refused('auth', "the store's own password could not be read: see config.password", { target: 'NO-SECRET' });
    }
    const reply = await password.text((text) =>
      anyOf(targets, { method: 'POST', path: ['v3', 'auth', 'authenticate'], json: { name: config.user, password: text } }, io),
    );
    const token = reply.kind === 'answered' && reply.status === 200 ? textAt(reply.body, 'token') : undefined;
    if (token !== undefined) current = { token };
    else if (reply.kind === 'answered' && isAuthOff(reply)) current = 'off';
    else return settled(reply, true);
    return done(current);
  }

  const begin =
    (io: Io): Ask =>
    async (path, json, reads) => {
      for (let fresh = false; ; fresh = true) {
        const as = await login(io);
        if (as.kind !== 'done') return as;
        const headers = as.value === 'off' ? {} : { authorization: as.value.token };
        const reply = await anyOf(targets, { method: 'POST', path, json, headers }, io);
        if (reply.kind === 'answered' && reply.status === 200) return done(reply);
        if (fresh || as.value === 'off' || reply.kind !== 'answered' || !needsNewToken(reply)) return settled(reply, reads);
        current = undefined;
      }
    };

  return {
    login: () => login(budgeted(host)),
    begin: () => begin(budgeted(host)),
    async version() {
      const reply = await anyOf(targets, { method: 'GET', path: ['version'] }, budgeted(host));
      return reply.kind === 'answered' && reply.status === 200 ? done(textAt(reply.body, 'etcdserver') ?? 'unknown') : settled(reply, true);
    },
  };
}

/** Only a member that certainly saw nothing is passed over. */
async function anyOf(targets: readonly Target[], asked: Call, io: Io): Promise<Reply> {
  let last: Reply = { kind: 'not-sent', code: 'ENOENDPOINT' };
  for (const [n, target] of targets.entries()) {
    // Each of those left gets its share: a member that does not even refuse is not to use up the time of the others.
    last = await call(target, asked, { ...io, timeoutMs: Math.max(1, io.timeoutMs / (targets.length - n)) });
    if (last.kind !== 'not-sent') return last;
  }
  return last;
}

function settled(reply: Reply, reads: boolean): Outcome<never> {
  const outcome = outcomeOf(reply, reply.kind === 'answered' ? meaningOf(reply) : {});
  return reads && outcome.kind === 'indeterminate' ? { kind: 'refused', fault: outcome.fault } : outcome;
}

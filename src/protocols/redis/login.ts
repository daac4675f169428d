// One AUTH with one secret on one server: a connection of its own, ended at once, bounded in time.
import type { Probed, Secret } from '../../kit/kit.ts';
import type { Endpoint, Limits } from '../tcp/dial.ts';
import { Link } from './link.ts';
import { probedOf } from './verdict.ts';

/** `user` left out: AUTH with the password alone, as before version 6. `opened` is told the connection's address and says what to do at its end. */
export async function login(
  at: Endpoint,
  user: string | undefined,
  secret: Secret,
  limits: Limits,
  opened: (address: string) => () => void = () => () => {},
): Promise<Probed> {
  // An empty password is never sent: some proxies take it as an anonymous login.
  if (secret.use((bytes) => bytes.length === 0)) return { verdict: 'indeterminate', code: 'empty-secret' };
  const link = await Link.dial(at, limits);
  if ('failed' in link) return { verdict: 'indeterminate', code: link.failed };
  const closed = opened(link.address);
  try {
    // Not kept beyond the write: the callback's bytes are copied into the command.
    const [answer] = await secret.use((bytes) => link.send([user === undefined ? ['AUTH', bytes] : ['AUTH', user, bytes]], limits));
    return answer === undefined ? { verdict: 'indeterminate', code: 'EPROTO' } : probedOf(answer);
  } finally {
    link.end();
    closed();
  }
}

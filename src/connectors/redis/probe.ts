// One AUTH with one secret on one server. A user that is off answers like a wrong password: the server's own record tells the two apart.
import type { Capabilities, Io, Probed } from '../../kit/kit.ts';
import { login } from '../../protocols/redis/login.ts';
import { limitsOf } from '../../protocols/tcp/dial.ts';
import type { Node } from './node.ts';
import { getUser, userOf } from './user.ts';
import { hashOf } from './write.ts';

const loginPath = 'login';

export function probe(nodes: readonly Node[], io: Io, probing: Set<string>): Capabilities['probe'] {
  return {
    async paths() {
      return nodes.map(({ endpoint }) => ({ path: loginPath, replica: endpoint.replica }));
    },
    async attempt(account, secret, where): Promise<Probed> {
      const node = nodes.find(({ endpoint }) => endpoint.replica === where.replica);
      if (node === undefined || where.path !== loginPath) return { verdict: 'indeterminate', code: 'no-such-path' };
      const limits = limitsOf(io);
      const probed = await login(node.endpoint, account.id, secret, limits, (address) => {
        probing.add(address);
        return () => probing.delete(address);
      });
      if (probed.verdict !== 'rejected') return probed;
      const [found] = await node.read([getUser(account)], limits);
      const user = userOf(found, where.replica);
      if (user.kind !== 'done') return { verdict: 'indeterminate', code: `${probed.code}, user unread` };
      // Off and the hash is stored: the right secret. Off and not stored: wrong, whatever the user's state.
      if (user.value !== undefined && !user.value.on && (user.value.nopass || user.value.hashes.includes(hashOf(secret))))
        return { verdict: 'blocked', code: `${probed.code}, user off` };
      return probed;
    },
  };
}

// What is alike in the reading of an account's record on either product: which server is asked, and its clock.
import { type AccountState, type Capabilities, done, type Outcome, refused } from '../../kit/kit.ts';
import { type Name, nameOf } from './account-name.ts';
import { outcomeOf } from './fault.ts';
import { dateOf, type Server } from './server.ts';

export function state(
  servers: readonly Server[],
  read: (server: Server, name: Name) => Promise<Outcome<AccountState>>,
): Capabilities['state'] {
  const on = (replica: string): Outcome<Server> => {
    const server = servers.find(({ endpoint }) => endpoint.replica === replica);
    return server === undefined ? refused('not-found', `there is no server ${replica} in the estate file`) : done(server);
  };
  return {
    async replicas() {
      return servers.map(({ endpoint }) => endpoint.replica);
    },
    async clock(replica) {
      const server = on(replica);
      if (server.kind !== 'done') return server;
      const answer = await server.value.query<{ now: string }>('SELECT UNIX_TIMESTAMP(NOW(6)) AS now');
      if (answer.kind !== 'rows') return outcomeOf(answer);
      const [row] = answer.rows;
      return row === undefined ? refused('protocol', 'the server did not say its time') : done(dateOf(row.now));
    },
    async read(account, replica) {
      const server = on(replica);
      if (server.kind !== 'done') return server;
      const name = nameOf(account.id);
      if (name === undefined) return refused('not-found', `the account id "${account.id}" is not user@host: run rekey discover`);
      return read(server.value, name);
    },
  };
}

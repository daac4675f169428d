// One change to one role, addressed by oid: a role renamed, dropped or replaced under the same name is never changed by mistake.
import { setTimeout as sleep } from 'node:timers/promises';
import { type AccountRef, done, type Outcome, refused } from '../../kit/kit.ts';
import { type Answer, isConcurrentUpdate, outcomeOf } from './fault.ts';
import { identifier, literal } from './quote.ts';
import type { Server } from './server.ts';

/** Another writer holds the row for about one transaction; 12 tries with random pauses outlast a burst of them. */
const tries = 12;

/** `change` is what follows the name: `PASSWORD '…'`, `NOLOGIN`. */
export async function alterRole(server: Server, account: AccountRef, change: string): Promise<Outcome<void>> {
  if (!isOid(account.id)) return refused('not-found', `the account id "${account.id}" is not an oid: run rekey discover`);
  let name = account.name;
  let looked = false;
  for (let attempt = 1; ; attempt++) {
    const answer = await send(server, account.id, name, change);
    if (answer.kind === 'rows') return done(undefined);
    if (answer.kind === 'failed') {
      if (isConcurrentUpdate(answer.error) && attempt < tries) {
        await sleep(1 + Math.random() * 30);
        continue;
      }
      if (isConcurrentUpdate(answer.error))
        return refused('conflict', 'others keep changing this role at the same moment', { target: 'XX000' });
      // 42704: no such name. 22012: the name belongs to another oid; our check rolled the change back.
      if ((answer.error.code === '42704' || answer.error.code === '22012') && !looked) {
        looked = true;
        const found = await server.query<{ name: string }>('SELECT rolname AS name FROM pg_roles WHERE oid = $1::oid', [account.id]);
        // The lookup failing says nothing about the change, which was certainly not made.
        if (found.kind !== 'rows')
          return refused('unreachable', 'the role has another name now and could not be looked up', {
            target: found.error.code ?? 'no-code',
          });
        const [row] = found.rows;
        if (row === undefined) return refused('not-found', 'the role no longer exists', { target: '42704' });
        name = row.name;
        continue;
      }
    }
    return outcomeOf(answer);
  }
}

/** Two statements in one message are one transaction: if oid and name do not belong together the division fails and the change is rolled back. */
function send(server: Server, id: string, name: string, change: string): Promise<Answer<unknown>> {
  return server.once(
    `ALTER ROLE ${identifier(name)} ${change}; SELECT 1 / count(*) AS same FROM pg_roles WHERE oid = ${id} AND rolname = ${literal(name)}`,
  );
}

export function isOid(id: string): boolean {
  return /^[1-9]\d{0,9}$/.test(id);
}

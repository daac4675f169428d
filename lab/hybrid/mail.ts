// The mail server of the hybrid lab: mailboxes of a Dovecot password file, proved by IMAP logins.
import { join } from 'node:path';
import { startDovecot } from '../dovecot.ts';
import { numbered, type Part, part, withSecrets } from './part.ts';

/** No waiting after a wrong password: Dovecot holds back the next login from the same address. */
const unhurt = ['auth_failure_delay = 0', 'service anvil {', '  unix_listener anvil-auth-penalty {', '    mode = 0', '  }', '}'];

export async function mail(dir: string, size: number): Promise<Part> {
  const users = numbered('mail', size);
  const lab = await startDovecot({ dir: join(dir, 'dovecot'), users, settings: unhurt });
  return part('mail', 'dovecot-passwd', {
    config: { file: lab.passwordFile, imap: { hosts: [{ host: lab.host, port: lab.port }] }, doveadm: lab.doveadm },
    env: {},
    accounts: withSecrets(users, lab.secrets),
    limits: { timeoutMs: 30_000 },
    stop: () => lab.stop(),
  });
}

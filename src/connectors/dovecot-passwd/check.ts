// What doctor shows of one Dovecot: each IMAP server as far as a login, the file, the schemes in it, and whether sessions can be listed.
import type { Capabilities, Check, Io } from '../../kit/kit.ts';
import { checkServer } from '../../protocols/imap/check-server.ts';
import type { ImapServer } from '../../protocols/imap/settings.ts';
import { checkFile } from '../../protocols/password-file/check-file.ts';
import { linesOf } from '../../protocols/password-file/lines.ts';
import { readText } from '../../protocols/password-file/replace-file.ts';
import { limitsOf } from '../../protocols/tcp/dial.ts';
import type { Config } from './config.ts';
import { doveadm } from './doveadm.ts';
import { isOpen, isReadable } from './entry.ts';

export function check(settings: Config, file: string, servers: readonly ImapServer[], io: Io): Capabilities['check'] {
  return {
    async *run() {
      for (const server of servers) yield* checkServer(server, settings.imap.mechanism, limitsOf(io));
      yield* checkFile(file);
      const text = await readText(file);
      if (text.kind !== 'done') return;
      yield* entryChecks(text.value);
      const who = await doveadm(settings.doveadm, ['-f', 'tab', 'who', '-1'], limitsOf(io));
      yield who.kind === 'done' && who.value.code === 0
        ? { id: 'sessions', verdict: 'ok', message: 'doveadm lists sessions' }
        : {
            id: 'sessions',
            verdict: 'warn',
            message: `doveadm cannot list sessions (${who.kind === 'done' ? `exit ${who.value.code}` : who.fault.target})`,
            next: 'Set config.doveadm to a call that may, such as [sudo, doveadm]: without it open mailbox connections outlive a reset.',
          };
    },
  };
}

function* entryChecks(text: string): Generator<Check> {
  const lines = linesOf(text);
  const readable = lines.filter(({ hash }) => isReadable(hash)).length;
  if (readable > 0)
    yield {
      id: 'policy',
      verdict: 'warn',
      message: `${readable} entries hold the password in clear`,
      next: 'Reset them: a reset writes a hash.',
    };
  const open = lines.filter(isOpen).length;
  if (open > 0)
    yield {
      id: 'policy',
      verdict: 'fail',
      message: `${open} entries ask for no password at all (nopassword)`,
      next: 'Remove the field nopassword: until then whatever is typed opens the mailbox.',
    };
  const upper = lines.filter(({ user }) => /[A-Z]/.test(user)).length;
  if (upper > 0)
    yield {
      id: 'policy',
      verdict: 'warn',
      message: `${upper} names have capital letters: Dovecot looks for names in lower case unless auth_username_format says otherwise`,
      next: 'Write the names in lower case, or prove that they log in.',
    };
}

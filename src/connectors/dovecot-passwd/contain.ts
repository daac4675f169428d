// Switches an account off and on by the extra field nologin, with a value of our own: what somebody else has closed stays closed.
import { type Capabilities, done, type Outcome, refused } from '../../kit/kit.ts';
import { bounded } from '../../protocols/password-file/bounded.ts';
import { asWritten, withMore } from '../../protocols/password-file/lines.ts';
import { linesOfUser } from '../../protocols/password-file/users.ts';
import { limitsOf } from '../../protocols/tcp/dial.ts';
import { closedBy, marked, unmarked } from './entry.ts';
import { nextLook, replace, type Target } from './write.ts';

export function contain(target: Target): Capabilities['contain'] {
  const change = async (name: string, edit: (more: string) => string): Promise<Outcome<void>> => {
    const limits = limitsOf(target.io);
    const written = await replace(target, limits, (text) => {
      const edited = withMore(text, asWritten(name), edit);
      return edited === undefined ? refused('not-found', 'the user has no line in the password file') : done(edited);
    });
    return written.kind === 'done' ? nextLook(limits, target.file) : written;
  };
  return {
    block: (account) =>
      bounded(target.io, async () => {
        const lines = await linesOfUser(target.file, account.id);
        if (lines.kind !== 'done') return lines;
        if (lines.value.every((line) => closedBy(line) !== undefined)) return done(undefined);
        return change(account.id, (more) => (closedBy({ user: '', hash: '', more }) === undefined ? marked(more) : more));
      }),
    unblock: (account) =>
      bounded(target.io, async () => {
        const lines = await linesOfUser(target.file, account.id);
        if (lines.kind !== 'done') return lines;
        if (lines.value.some((line) => closedBy(line) === 'other'))
          return refused('conflict', 'the account was closed by somebody else (nologin): open it in the file by hand');
        if (lines.value.every((line) => closedBy(line) === undefined)) return done(undefined);
        return change(account.id, unmarked);
      }),
  };
}

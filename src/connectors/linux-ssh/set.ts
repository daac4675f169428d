// Sets a password as a hash made here. A locked account stays locked, and the same secret may be set again.
import { type Capabilities, refused, type Secret } from '../../kit/kit.ts';
import { hashOf } from '../../protocols/crypt/sha512-crypt.ts';
import { hashIn, isLocked, isOpen, readRecord } from '../../protocols/ssh/accounts.ts';
import { type Host, unsentAfter } from '../../protocols/ssh/host.ts';
import { Changes, chpasswd } from './change.ts';
import type { Config } from './config.ts';
import type { ReadRules } from './rules.ts';

/** libcrypt takes up to 511 bytes, and PAM asks for one line. */
const mostBytes = 511;

export function isTypeable(secret: Secret): boolean {
  return secret.text((text) => text.length > 0 && Buffer.byteLength(text) <= mostBytes && !/\p{Cc}/u.test(text));
}

export function setSecret(host: Host, settings: Config, rules: ReadRules, keepOwn: (secret: Secret) => void): Capabilities['setSecret'] {
  const changes = new Changes((lines) => chpasswd(host, lines));
  return {
    async set(account, secret) {
      if (!isTypeable(secret)) return refused('policy', `a password is one line of 1 to ${mostBytes} bytes without control characters`);
      const known = await rules();
      // A hash passes by pam_pwquality; values follow its rules all the same. Rules that cannot be read keep nobody from a reset.
      const minLength = known.kind === 'done' ? known.value.minLength : 0;
      if (secret.text((text) => [...text].length) < minLength)
        return refused('policy', `the host asks for at least ${minLength} characters`);
      const record = unsentAfter(await readRecord(host, account));
      if (record.kind !== 'done') return record;
      const { field: stored } = record.value.shadow;
      if (hashIn(stored) === undefined && !isOpen(stored))
        return refused(
          'unsupported',
          'the account has no password, and a reset would give it one: its keys are reset by the connector ssh-keys',
        );
      const hash = await hashOf(secret, settings.rounds);
      // chpasswd replaces the whole field: without the mark a reset would open an account that somebody closed.
      const field = isLocked(stored) ? `!${hash}` : hash;
      const outcome = await changes.change({ name: account.name, field });
      if (outcome.kind === 'done' && account.name === host.user) keepOwn(secret);
      return outcome;
    },
  };
}

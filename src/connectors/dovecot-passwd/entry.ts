// One entry of a Dovecot password file: its scheme, its extra fields, and the mark by which Rekey switches an account off.
import type { Line } from '../../protocols/password-file/lines.ts';

/** Its value is ours, so that an account somebody else has closed is never opened. */
export const ownMark = 'nologin=rekey';

/** `{SHA512-CRYPT}$6$…` → SHA512-CRYPT. Without braces the passdb's default scheme holds, or what the hash itself says. */
export function schemeOf(hash: string): string {
  if (hash === '') return 'none';
  const named = /^\{([^}]+)\}/.exec(hash)?.[1];
  if (named !== undefined) return (named.split('.')[0] ?? named).toUpperCase();
  return /^\$(?:6|5|2[abxy]|1|y|argon2\w*)\$/.test(hash) ? 'crypt' : 'default';
}

export const bareHash = (hash: string): string => hash.replace(/^\{(?:SHA512-CRYPT|CRYPT)\}/i, '');

/** Schemes in which equal secrets give unequal entries. */
const salted =
  /^(?:CRYPT|SHA512-CRYPT|SHA256-CRYPT|BLF-CRYPT|MD5-CRYPT|DES-CRYPT|ARGON2I|ARGON2ID|PBKDF2|SSHA|SSHA256|SSHA512|SMD5|SCRAM-SHA-1|SCRAM-SHA-256)$/i;
export const isSalted = (hash: string): boolean => salted.test(schemeOf(hash)) || schemeOf(hash) === 'crypt';

/** Whoever reads the file reads the secret. */
export const isReadable = (hash: string): boolean => /^(?:PLAIN|CLEAR|CLEARTEXT|PLAIN-TRUNC)$/.test(schemeOf(hash));

/** user:hash:uid:gid:gecos:home:shell:extra */
const fieldsBeforeExtra = 5;

export const extrasOf = ({ more }: Line): readonly string[] =>
  more
    .split(':')
    .slice(fieldsBeforeExtra)
    .join(':')
    .split(/[ \t]+/)
    .filter((each) => each !== '');

const isMark = (extra: string): boolean => extra === 'nologin' || extra.startsWith('nologin=');
export const closedBy = (line: Line): 'rekey' | 'other' | undefined => {
  const marks = extrasOf(line).filter(isMark);
  if (marks.some((each) => each !== ownMark)) return 'other';
  return marks.length > 0 ? 'rekey' : undefined;
};
/** Dovecot asks for no password at all. */
export const isOpen = (line: Line): boolean => extrasOf(line).some((each) => /^nopassword(?:=|$)/.test(each));

/** The fields after the hash, with our mark. Missing ones are added empty. */
export function marked(more: string): string {
  const fields = more.split(':');
  while (fields.length < fieldsBeforeExtra) fields.push('');
  const extra = fields.slice(fieldsBeforeExtra).join(':');
  return [...fields.slice(0, fieldsBeforeExtra), extra === '' ? ownMark : `${extra} ${ownMark}`].join(':');
}

/** Only our own mark goes; everything else stays as it stands. */
export const unmarked = (more: string): string =>
  more.replace(/[ \t]nologin=rekey(?=[ \t]|$)/, '').replace(/:nologin=rekey(?:[ \t]+|$)/, ':');

// The lines of an authorized_keys file as sshd reads them: options, kind, key, comment. Two lines are the same key when their bytes are.
import { createHash } from 'node:crypto';
import { type PublicKey, publicKeyOf } from '../../protocols/ssh/key.ts';

/** `key` left out: a comment, an empty line, or something that is no key to us. */
export type Line = { readonly text: string; readonly options: string; readonly comment: string; readonly key?: PublicKey };

const kinds =
  /^((ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp(256|384|521))(-cert-v01@openssh\.com)?|sk-(ssh-ed25519|ecdsa-sha2-nistp256)(-cert-v01)?@openssh\.com)$/;

export function parseLines(text: string): Line[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map(parseLine);
}

export function parseLine(text: string): Line {
  const bare = text.trim();
  const plain = keyAt(bare);
  if (plain !== undefined) return { text, options: '', ...plain };
  const end = endOfOptions(bare);
  const after = keyAt(bare.slice(end).trim());
  return after === undefined ? { text, options: '', comment: '' } : { text, options: bare.slice(0, end), ...after };
}

function keyAt(text: string): { key: PublicKey; comment: string } | undefined {
  const [, kind = '', base64 = '', comment = ''] = /^(\S+)[ \t]+(\S+)[ \t]*(.*)$/.exec(text) ?? [];
  if (!kinds.test(kind)) return undefined;
  const blob = Buffer.from(base64, 'base64');
  // The key says its own kind: a line that says another is no key to sshd either.
  return blob.length > 4 + kind.length && blob.subarray(4, 4 + kind.length).toString('latin1') === kind
    ? { key: publicKeyOf(blob), comment: comment.trim() }
    : undefined;
}

/** Options end at the first blank outside quotes; `\"` does not end a quote. */
function endOfOptions(text: string): number {
  let quoted = false;
  for (let n = 0; n < text.length; n++) {
    if (text[n] === '\\' && text[n + 1] === '"') n += 1;
    else if (text[n] === '"') quoted = !quoted;
    else if (!quoted && (text[n] === ' ' || text[n] === '\t')) return n;
  }
  return text.length;
}

export const isCa = ({ options }: Line): boolean => /(^|,)cert-authority(,|$)/i.test(options.replace(/"([^"\\]|\\.)*"/g, '""'));

/** Empty lines and comments let nobody in; anything else might, so nothing else is kept. */
export const isIdle = ({ text }: Line): boolean => /^\s*(#.*)?$/.test(text);

export function newLine(key: PublicKey, options: string, comment: string): string {
  return `${options === '' ? '' : `${options} `}${key.line} ${comment}`;
}

/** Which keys open the account, and how they are held down: the same on every reading until one line changes. */
export function markerOf(lines: readonly Line[]): string {
  const live = lines
    .filter((line) => !isIdle(line))
    .map((line) => (line.key === undefined ? line.text.trim() : `${line.options} ${line.key.fingerprint}`));
  return createHash('sha256')
    .update([...new Set(live)].sort().join('\n'))
    .digest('hex');
}

// The hash of a secret for a web server: SHA-512 crypt made here, or bcrypt made by Apache's own tool from its standard input.
import { spawn } from 'node:child_process';
import { done, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import { hashOf, isHashOf, mostBytes } from '../../protocols/crypt/sha512-crypt.ts';
import { type Limits, onEnd } from '../../protocols/tcp/dial.ts';
import type { Config } from './config.ts';

/** bcrypt looks at 72 bytes: of a longer secret every other end would open the account as well. */
const mostBcryptBytes = 72;

export function policyOf({ scheme }: Config['hash'], secret: Secret): Outcome<void> {
  const most = scheme === 'bcrypt' ? mostBcryptBytes : mostBytes;
  const bytes = secret.use(({ length }) => length);
  if (bytes === 0 || bytes > most || secret.text((text) => /\p{Cc}/u.test(text)))
    return refused('policy', `a password is one line of 1 to ${most} bytes without control characters`);
  return done(undefined);
}

export async function made(hash: Config['hash'], secret: Secret, limits: Limits): Promise<Outcome<string>> {
  return hash.scheme === 'sha512-crypt' ? done(await hashOf(secret, hash.rounds)) : bcrypt(hash, secret, limits);
}

/** What Rekey can tell by itself; for other schemes it writes a new hash, which is as safe. */
export const holds = (hash: string, secret: Secret): Promise<boolean> => isHashOf(hash, secret);

function bcrypt(settings: Extract<Config['hash'], { scheme: 'bcrypt' }>, secret: Secret, limits: Limits): Promise<Outcome<string>> {
  const [tool = '', ...first] = settings.tool;
  return new Promise((resolve) => {
    const child = spawn(tool, [...first, '-niB', '-C', String(settings.cost), 'x'], {
      env: { PATH: process.env.PATH },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let printed = '';
    const end = (outcome: Outcome<string>): void => {
      stop();
      resolve(outcome);
    };
    const stop = onEnd(limits, (target) => {
      child.kill('SIGKILL');
      end(refused('unreachable', `${tool} did not end in time; nothing was written`, { target }));
    });
    child.once('error', () =>
      end(refused('unsupported', `${tool} could not be started: install apache2-utils, or use sha512-crypt`, { target: 'NOT-STARTED' })),
    );
    child.stdin.on('error', () => {});
    child.stdout.setEncoding('latin1').on('data', (chunk: string) => {
      printed += chunk;
    });
    child.once('close', (code) => {
      const hash = /^x:(\$2y\$\d\d\$[./A-Za-z0-9]{53})\s*$/.exec(printed)?.[1];
      end(
        code === 0 && hash !== undefined
          ? done(hash)
          : refused('protocol', `${tool} made no bcrypt hash (exit ${code ?? 'by a signal'}); nothing was written`),
      );
    });
    secret.use((bytes) => child.stdin.end(Buffer.concat([Buffer.from(bytes), Buffer.from('\n')])));
  });
}

export type Scheme =
  | 'bcrypt'
  | 'sha512-crypt'
  | 'sha256-crypt'
  | 'apr1'
  | 'md5-crypt'
  | 'ssha'
  | 'sha1'
  | 'plain'
  | 'other-crypt'
  | 'des-or-plain'
  | 'none';
const schemes: readonly (readonly [RegExp, Scheme])[] = [
  [/^$/, 'none'],
  [/^\$2[abxy]\$/, 'bcrypt'],
  [/^\$6\$/, 'sha512-crypt'],
  [/^\$5\$/, 'sha256-crypt'],
  [/^\$apr1\$/, 'apr1'],
  [/^\$1\$/, 'md5-crypt'],
  [/^\{SSHA\}/i, 'ssha'],
  [/^\{SHA\}/i, 'sha1'],
  [/^\{PLAIN\}/i, 'plain'],
  [/^\$/, 'other-crypt'],
];
export const schemeOf = (hash: string): Scheme => schemes.find(([form]) => form.test(hash))?.[1] ?? 'des-or-plain';

const weak: readonly Scheme[] = ['sha1', 'plain', 'des-or-plain', 'md5-crypt', 'ssha'];
export const isWeak = (hash: string): boolean => weak.includes(schemeOf(hash));
/** Equal secrets give unequal entries. */
export const isSalted = (hash: string): boolean => !['sha1', 'plain', 'des-or-plain', 'none'].includes(schemeOf(hash));

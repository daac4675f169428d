// What the service asks of passwords: the regular expression it shows for its default domain, read for what a generator needs, and what
// the estate file adds.
import { type Capabilities, done, type PasswordPolicy } from '../../kit/kit.ts';
import { textAt } from '../../protocols/http/call.ts';
import type { Identity } from '../../protocols/keystone/identity.ts';
import type { Config } from './config.ts';

/** bcrypt, the default algorithm, looks at 72 bytes; Keystone cuts there (scrypt and pbkdf2 would take more). */
export const longestBytes = 72;

export async function readRegex(identity: Identity): Promise<string | undefined> {
  const read = await identity.ask(
    { method: 'GET', path: ['v3', 'domains', 'default', 'config', 'security_compliance', 'password_regex'] },
    [200],
  );
  return read.kind === 'done' ? textAt(read.value.body, 'config', 'password_regex') : undefined;
}

export function passwordPolicy(identity: Identity, settings: Config): Capabilities['passwordPolicy'] {
  return {
    async read() {
      const me = await identity.me();
      if (me.kind !== 'done') return me;
      const { minLength, maxLength, classes, history } = settings.policy;
      const regex = await readRegex(identity);
      const shown: PasswordPolicy = regex === undefined ? {} : policyOf(regex);
      return done({
        maxLength: longestBytes,
        ...shown,
        ...(minLength === undefined ? {} : { minLength }),
        ...(maxLength === undefined ? {} : { maxLength: Math.min(maxLength, longestBytes) }),
        ...(classes === undefined ? {} : { classes }),
        ...(history === undefined ? {} : { history }),
      });
    },
  };
}

/**
 * Of a regular expression of the usual form (`^(?=.*\d)(?=.*[a-zA-Z]).{7,}$`): the length at its end and how many look-aheads ask for a kind of
 * character. Every other form says nothing here; the service still refuses what does not match it.
 */
export function policyOf(regex: string): PasswordPolicy {
  const [, least, most] = /\.\{(\d+)(?:,(\d*))?\}\$?$/.exec(regex) ?? [];
  const asked = new Set([...regex.matchAll(/\(\?=\.\*\??(\\[dWw]|\[(?:\\.|[^\]])+\])\)/g)].flatMap(([, kind = '']) => kindsOf(kind)));
  const exact = regex.includes(',') ? most : least;
  return {
    ...(least === undefined ? {} : { minLength: Number(least) }),
    ...(exact === undefined || exact === '' || least === undefined ? {} : { maxLength: Math.min(Number(exact), longestBytes) }),
    ...(asked.size === 0 ? {} : { classes: classesFor(asked) }),
  };
}

type CharacterKind = 'digit' | 'lower' | 'upper' | 'letter' | 'symbol';

function kindsOf(written: string): CharacterKind[] {
  if (written === '\\d' || written === '[0-9]') return ['digit'];
  if (written === '\\W') return ['symbol'];
  if (written === '[a-z]') return ['lower'];
  if (written === '[A-Z]') return ['upper'];
  if (/^\[(a-zA-Z|A-Za-z)\]$/.test(written)) return ['letter'];
  return ['symbol'];
}

/** A generator that is asked for n classes takes lower case, upper case, digits and symbols in this order. */
function classesFor(asked: ReadonlySet<CharacterKind>): number {
  if (asked.has('symbol')) return 4;
  if (asked.has('digit')) return 3;
  if (asked.has('upper')) return 2;
  return 1;
}

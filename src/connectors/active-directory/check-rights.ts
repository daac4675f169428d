// Whether Rekey's account may reset passwords, asked of the controller itself without changing anyone.
import type { Check, Outcome } from '../../kit/kit.ts';
import { done } from '../../kit/kit.ts';
import { and, equal, not } from '../../protocols/ldap/filter.ts';
import { parseFilter } from '../../protocols/ldap/filter-text.ts';
import { LinkError } from '../../protocols/ldap/link.ts';
import { type Entry, firstOf, modifyRequest, valuesOf } from '../../protocols/ldap/message.ts';
import { lostOutcome } from '../../protocols/ldap/search.ts';
import type { Controller, Domain } from './domain.ts';

/** Written on Rekey's own behalf besides the password; each for one capability. */
const writes = [
  ['userAccountControl', 'accounts cannot be disabled (mode contain)'],
  ['lockoutTime', 'locked accounts cannot be unlocked (unlock: true)'],
  ['pwdLastSet', 'people cannot be made to choose a new password (previousPassword: must-change)'],
] as const;

export async function* checkRights(domain: Domain): AsyncGenerator<Check> {
  const pdc = await domain.pdc();
  if (pdc.kind !== 'done') return;
  const [plain, guarded] = [await sample(domain, pdc.value, false), await sample(domain, pdc.value, true)];
  if (plain === undefined) {
    const next = 'Check base and filter, and that the account Rekey works with may read the accounts.';
    yield { id: 'rights', verdict: 'fail', message: 'No user account can be seen.', next };
    return;
  }
  yield await resetRight(domain, pdc.value, plain);
  const reaches = guarded === undefined ? undefined : await tryReset(pdc.value, guarded.dn);
  if (guarded !== undefined && reaches?.kind === 'done' && !reaches.value) {
    const message = `Protected accounts (adminCount=1, such as ${guarded.dn}) cannot be reset: rights delegated on an OU do not reach them.`;
    yield {
      id: 'rights-protected',
      verdict: 'warn',
      message,
      next: 'Give Tier 0 a system of its own in the estate file, with an identity that may reset it.',
    };
  }
  const allowed = new Set(valuesOf(plain, 'allowedAttributesEffective').map((name) => name.toLowerCase()));
  for (const [type, means] of writes) {
    if (allowed.has(type.toLowerCase())) continue;
    yield {
      id: `rights-${type}`,
      verdict: needed(domain, type) ? 'fail' : 'warn',
      message: `${type} of ${plain.dn} may not be written: ${means}.`,
      next: `Grant write on ${type} of user objects, see README.`,
    };
  }
}

function needed({ settings }: Domain, type: string): boolean {
  return (type === 'lockoutTime' && settings.unlock) || (type === 'pwdLastSet' && settings.previousPassword === 'must-change');
}

async function resetRight(domain: Domain, pdc: Controller, { dn }: Entry): Promise<Check> {
  const { user } = domain.settings.bind;
  const tried = await tryReset(pdc, dn);
  if (tried.kind !== 'done')
    return {
      id: 'rights',
      verdict: 'fail',
      message: `Whether ${user} may reset passwords is not known: ${tried.fault.message}`,
      next: 'Run the check again.',
    };
  if (tried.value)
    return { id: 'rights', verdict: 'ok', message: `${user} may reset passwords (tried on ${dn} with a value no controller takes).` };
  const next = 'Delegate the control access right "Reset Password" on the OU of the accounts, see README.';
  return { id: 'rights', verdict: 'fail', message: `${user} may not reset passwords (tried on ${dn}).`, next };
}

/** One enabled account of the base, protected by AdminSDHolder or not. Rights by OU show when an account is set, as `permission`. */
async function sample(domain: Domain, pdc: Controller, isProtected: boolean): Promise<Entry | undefined> {
  const base = await domain.base(pdc);
  if (base.kind !== 'done') return undefined;
  const { filter } = domain.settings;
  const guarded = equal('adminCount', '1');
  const usual = and(equal('objectCategory', 'person'), equal('objectClass', 'user'), not(equal('isCriticalSystemObject', 'TRUE')));
  const people = filter === undefined ? usual : and(usual, parseFilter(filter));
  const search = { base: base.value, scope: 'sub', filter: and(people, isProtected ? guarded : not(guarded)), sizeLimit: 20 } as const;
  const found = await domain.search(pdc, { ...search, attributes: ['allowedAttributesEffective', 'sAMAccountName'] });
  const own = domain.settings.bind.user.toLowerCase();
  return found.kind === 'done'
    ? found.value.find((entry) => !own.includes((firstOf(entry, 'sAMAccountName') ?? '\0').toLowerCase()))
    : undefined;
}

/**
 * A value of one byte is no UTF-16: a controller looks at the right first (50, or ACCESS_DENIED) and then cannot take it. Nothing is ever changed.
 * true: the right is there.
 */
async function tryReset(pdc: Controller, dn: string): Promise<Outcome<boolean>> {
  try {
    const link = await pdc.bound.link();
    const answer = await link.request(modifyRequest(dn, [{ op: 'replace', type: 'unicodePwd', values: [Buffer.from('x')] }]));
    return done(answer.code !== 50 && answer.code !== 0);
  } catch (error) {
    if (error instanceof LinkError) return lostOutcome(error, pdc.url);
    throw error;
  }
}

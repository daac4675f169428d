// Whether Rekey's account may set passwords, asked of the server itself without changing anyone.
import { randomBytes } from 'node:crypto';
import type { Check } from '../../kit/kit.ts';
import { normalDn } from '../../protocols/ldap/dn.ts';
import { parseFilter } from '../../protocols/ldap/filter-text.ts';
import { LinkError } from '../../protocols/ldap/link.ts';
import { type Change, compareRequest, type Entry, modifyRequest, noOpControl } from '../../protocols/ldap/message.ts';
import type { Directory } from './directory.ts';
import { defaultFilter } from './inventory.ts';
import { lockAttributes } from './netscape.ts';
import type { Policies } from './policy.ts';

/** OpenLDAP runs the whole write under the No-Op control (access, schema, policy), then answers this and keeps nothing. */
const noOperation = 16654;

export async function* checkRights(directory: Directory, policies: Policies): AsyncGenerator<Check> {
  try {
    const accounts = await samples(directory);
    if (accounts === undefined) {
      const next = 'Check base and filter; give the account Rekey binds with read access to the accounts, and raise its size limit.';
      yield { id: 'rights', verdict: 'fail', message: `No account can be seen below ${directory.settings.base}.`, next };
      return;
    }
    yield* rightsOn(directory, accounts, policies);
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    yield { id: 'rights', verdict: 'fail', message: `The server stopped answering (${error.code}).`, next: 'Run the check again.' };
  }
}

/** Passes any policy by length and classes, so that the access rules get to speak. Never stored. */
const strong = (): Buffer => Buffer.from(`${randomBytes(36).toString('base64url')}-aA1`);

/** One entry is enough to see whether the right is there; ACLs by subtree show when an account is set, as `permission`. */
async function samples(directory: Directory): Promise<Entry | undefined> {
  const { base, filter } = directory.settings;
  const search = {
    base,
    scope: 'sub',
    filter: filter === undefined ? defaultFilter : parseFilter(filter),
    attributes: ['1.1'],
    sizeLimit: 2,
  } as const;
  const found = await directory.search(directory.primary, search);
  return found.kind === 'done' ? found.value.find(({ dn }) => normalDn(dn) !== directory.ownDn) : undefined;
}

async function* rightsOn(directory: Directory, { dn }: Entry, policies: Policies): AsyncGenerator<Check> {
  const own = directory.settings.bind.dn;
  const netscape = (await directory.abilities())?.netscape === true;
  const rule = (right: 'read' | 'write', ...attributes: readonly string[]): string =>
    netscape
      ? `aci: (targetattr="${attributes.join(' || ')}")(version 3.0; acl "Rekey"; allow (${right === 'read' ? 'read,search,compare' : right}) userdn="ldap:///${own}";)`
      : `to attrs=${attributes.join(',')} by dn.exact="${own}" ${right}.`;
  const tried = await dryRun(directory, dn, { op: 'replace', type: 'userPassword', values: [strong()] });
  const write = tried === 'unsupported' ? await removal(directory, dn, 'userPassword') : tried;
  if (write === undefined || write === 'refused') {
    const message = `Whether ${own} may set passwords cannot be asked of this server without a change.`;
    yield {
      id: 'rights',
      verdict: 'warn',
      message,
      next: 'Reset the canary account once: the run says "permission" when the right is missing.',
    };
  } else if (write === 'denied') {
    const next = `Add to the access rules of the server: ${rule('write', 'userPassword')}`;
    yield { id: 'rights', verdict: 'fail', message: `${own} may not write userPassword (tried on ${dn}).`, next };
    return;
  } else {
    yield { id: 'rights', verdict: 'ok', message: `${own} may write userPassword (tried on ${dn}, nothing was changed).` };
    if (tried === 'allowed') yield* bypass(directory, dn, policies);
  }
  const lock = netscape
    ? await removal(directory, dn, 'nsAccountLock')
    : await dryRun(directory, dn, { op: 'replace', type: 'pwdAccountLockedTime', values: [Buffer.from('000001010000Z')] });
  if (lock === 'denied') {
    const attributes = netscape ? [...lockAttributes, 'passwordExpirationTime'] : ['pwdAccountLockedTime', 'pwdReset'];
    const next = `Add: ${rule('write', ...attributes)} Without it accounts cannot be blocked${netscape ? '' : ", and a reset opens administrators' locks"}.`;
    yield { id: 'rights-lock', verdict: 'warn', message: `${own} may not lock accounts.`, next };
  }
  const failures = await (await directory.primary.bound.link()).request(
    compareRequest(dn, netscape ? 'passwordRetryCount' : 'pwdFailureTime', '19700101000000Z'),
  );
  if (failures.code === 50) {
    const attributes = netscape
      ? ['passwordRetryCount', 'retryCountResetTime', 'accountUnlockTime', 'pwdpolicysubentry']
      : ['pwdChangedTime', 'pwdFailureTime', 'pwdPolicySubentry'];
    const next = `Add: ${rule('read', ...attributes)}`;
    yield {
      id: 'rights-failures',
      verdict: 'warn',
      message: `${own} cannot see failed logins: old passwords are probed less often.`,
      next,
    };
  }
}

/** An identity with `manage`, and rootdn, may set what the policy forbids. Rekey wants the policy to hold. */
async function* bypass(directory: Directory, dn: string, policies: Policies): AsyncGenerator<Check> {
  const policy = await policies.of(undefined);
  if (policy.kind !== 'done' || policy.value === undefined || policy.value.minLength < 2) return;
  const short = await dryRun(directory, dn, { op: 'replace', type: 'userPassword', values: [Buffer.from('x')] });
  if (short !== 'allowed') return;
  const message = `${directory.settings.bind.dn} is not bound by the password policy (rootdn, or access level manage).`;
  yield {
    id: 'rights-policy',
    verdict: 'warn',
    message,
    next: 'Give it access level write instead: then the server itself checks length, history and quality.',
  };
}

/** `refused`: the policy said no before the access rules were asked. `unsupported`: the server knows no No-Op. */
async function dryRun(
  directory: Directory,
  dn: string,
  change: Change,
): Promise<'allowed' | 'refused' | 'denied' | 'unsupported' | undefined> {
  const link = await directory.primary.bound.link();
  const { code } = await link.request(modifyRequest(dn, [change]), [noOpControl], true);
  if (code === 12) return 'unsupported';
  return code === noOperation ? 'allowed' : code === 50 ? 'denied' : code === 19 ? 'refused' : undefined;
}

/** Without No-Op: taking away a value nobody has. Access is checked first (50); otherwise there is nothing to take (16). Never any effect. */
async function removal(directory: Directory, dn: string, type: string): Promise<'allowed' | 'denied' | undefined> {
  const link = await directory.primary.bound.link();
  const { code } = await link.request(
    modifyRequest(dn, [{ op: 'delete', type, values: [Buffer.from(randomBytes(24).toString('base64url'))] }]),
  );
  return code === 50 ? 'denied' : code === 16 ? 'allowed' : undefined;
}

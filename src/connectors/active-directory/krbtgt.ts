// krbtgt: its key seals every ticket of the domain. A reset is never repeated by itself, because the repetition would be the next reset.
import { randomBytes } from 'node:crypto';
import { type AccountRef, done, indeterminate, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import { and, equal } from '../../protocols/ldap/filter.ts';
import { modifyRequest } from '../../protocols/ldap/message.ts';
import { lostOutcome } from '../../protocols/ldap/search.ts';
import { type AccountEntry, accountAttributes, accountFrom, readAccount } from './account.ts';
import type { TicketPolicy } from './config.ts';
import type { Controller, Domain } from './domain.ts';
import { guidDn } from './identity.ts';
import type { KerberosHome } from './kerberos.ts';
import { writeOutcome } from './outcomes.ts';
import { unicodePwd } from './password-value.ts';

export type KrbtgtState = {
  readonly guid: string;
  readonly name: string;
  readonly keyVersion: number;
  readonly marker: string;
  readonly changedAt?: Date;
};
export type KrbtgtReset = { readonly before: KrbtgtState; readonly after: KrbtgtState };

/** The domain's own krbtgt on one controller. Those of read-only controllers (krbtgt_NNN) are other accounts. */
export async function readKrbtgt(domain: Domain, controller: Controller): Promise<Outcome<KrbtgtState>> {
  const root = await domain.root(controller);
  if (root.kind !== 'done') return root;
  const filter = and(equal('objectClass', 'user'), equal('sAMAccountName', 'krbtgt'));
  const found = await domain.search(controller, { base: root.value.domain, scope: 'sub', filter, attributes: accountAttributes });
  if (found.kind !== 'done') return found;
  const entry = found.value.map((each) => accountFrom(each, domain.kinds)).find((each) => each?.principal === 'krbtgt');
  return entry === undefined ? refused('not-found', `${controller.url} does not show krbtgt.`) : stateOf(entry);
}

function stateOf({ guid, name, keyVersion, marker, change }: AccountEntry): Outcome<KrbtgtState> {
  if (keyVersion === undefined)
    return refused('permission', "krbtgt's key version cannot be read: without it a reset could not be told from none.");
  return done({ guid, name, keyVersion, marker, ...(change === undefined ? {} : { changedAt: change.at }) });
}

/**
 * One reset. `expected` is the key version the caller has seen and decided on, `of` the account it means: where either is another, nothing is sent. Whatever happens after the
 * bytes left, this call sends no second time: it reads the key version, and says "indeterminate" where that does not tell.
 */
export async function resetKrbtgt(domain: Domain, expected: number, of?: AccountRef): Promise<Outcome<KrbtgtReset>> {
  const pdc = await domain.pdc();
  if (pdc.kind !== 'done') return pdc;
  const before = await readKrbtgt(domain, pdc.value);
  if (before.kind !== 'done') return before;
  if (of !== undefined && of.id !== before.value.guid) return notThisKey(of);
  if (before.value.keyVersion !== expected) {
    const message = `krbtgt has key version ${before.value.keyVersion}, not ${expected}: somebody reset it meanwhile, or an earlier reset went through. Nothing was sent.`;
    return refused('conflict', message);
  }
  const sent = await send(pdc.value, before.value.guid);
  if (sent.kind === 'refused') return sent;
  const after = await readBack(domain, pdc.value, before.value);
  if (after.kind === 'done' && after.value.keyVersion > before.value.keyVersion) return done({ before: before.value, after: after.value });
  const fault =
    sent.kind === 'indeterminate'
      ? sent.fault
      : after.kind === 'done'
        ? { code: 'conflict' as const, message: 'the key version did not move' }
        : after.fault;
  return indeterminate(
    fault.code,
    `Whether krbtgt was reset is not known (${fault.message}). Read its key version before anything else; do not reset again.`,
  );
}

export const notThisKey = (account: AccountRef): Outcome<never> =>
  refused('unsupported', `${account.name} is not the domain's own krbtgt: those of read-only controllers are reset by hand.`);

async function send(pdc: Controller, guid: string): Promise<Outcome<void>> {
  // The controller replaces it by a random key of its own; it only has to pass the policy.
  const text = `${randomBytes(48).toString('base64url')}-aA1`;
  const value: Secret = { label: 'krbtgt', use: (f) => f(Buffer.from(text)), text: (f) => f(text) };
  try {
    const link = await pdc.bound.link();
    const answer = await unicodePwd(value, (bytes) =>
      link.request(modifyRequest(guidDn(guid), [{ op: 'replace', type: 'unicodePwd', values: [bytes] }]), [], true),
    );
    return answer.code === 0 ? done(undefined) : writeOutcome(answer);
  } catch (error) {
    return lostOutcome(error, pdc.url);
  }
}

/** Reading may be repeated: it changes nothing. */
async function readBack(domain: Domain, pdc: Controller, before: KrbtgtState): Promise<Outcome<KrbtgtState>> {
  const account = { system: domain.io.system, id: before.guid, name: before.name };
  for (let attempt = 0; ; attempt++) {
    const read = await readAccount(domain, account, pdc);
    if (read.kind === 'done') return stateOf(read.value);
    if (attempt === 2) return read;
  }
}

/** Windows keeps one older key, Samba two: it is proved after each reset, and what a third leaves alive is no matter of counting. */
export const mostResets = 3;

/** The longest-lived ticket sealed under the key before has ended by then: its life, the skew of two clocks, and what replication took. */
export function waitBetweenResetsMs(policy: TicketPolicy, convergenceMs: number): number {
  return (Math.max(policy.maxTicketMinutes, policy.maxServiceMinutes) + 2 * policy.maxSkewMinutes) * 60_000 + convergenceMs;
}

/** `dead`: the KDC refuses the old ticket because its key is gone. `alive`: it still buys tickets. `unclear`: any other answer proves nothing. */
export type OldTicket = { readonly verdict: 'dead' | 'alive' | 'unclear'; readonly text: string };

const keyGone =
  /Key version is not available|Decrypt integrity check failed|Ticket (not|isn't) for us|No suitable key|Key table entry not found|Integrity check on decrypted field failed/i;

/** Presents a ticket that was taken before the resets. Resets are not counted: Windows keeps one older key, Samba two. */
export async function presentOldTicket(home: KerberosHome, spn: string, name = 'tgt'): Promise<OldTicket> {
  const said = await home.serviceTicket(spn, name);
  if (said.ok) return { verdict: 'alive', text: 'the old ticket bought a service ticket' };
  return { verdict: keyGone.test(said.text) ? 'dead' : 'unclear', text: said.text };
}

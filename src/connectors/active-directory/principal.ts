// What a directory object is, and who changes its secret: every kind is named, and one that must not be reset here says exactly what to do instead.
import type { ByHand } from '../../kit/kit.ts';
import { uac } from './flags.ts';
import { type Task, tasks } from './tasks.ts';

export type Principal = keyof typeof principals;

type Row = { readonly tierZero: boolean /** Absent: a reset here is the way. */; readonly byHand?: Task };

export const principals = {
  user: { tierZero: false },
  'entra-connect': { tierZero: true },
  'smartcard-only': { tierZero: false, byHand: tasks.smartcard },
  computer: { tierZero: false, byHand: tasks.computer },
  'domain-controller': { tierZero: true, byHand: tasks.controller },
  'read-only-controller': { tierZero: true, byHand: tasks.readOnlyController },
  krbtgt: { tierZero: true, byHand: tasks.krbtgt },
  'rodc-krbtgt': { tierZero: true, byHand: tasks.rodcKrbtgt },
  'cloud-kerberos': { tierZero: true, byHand: tasks.cloudKerberos },
  'seamless-sso': { tierZero: true, byHand: tasks.seamlessSso },
  trust: { tierZero: true, byHand: tasks.trust },
  'trust-account': { tierZero: true, byHand: tasks.trustAccount },
  gmsa: { tierZero: false, byHand: tasks.gmsa },
  smsa: { tierZero: false, byHand: tasks.smsa },
  dmsa: { tierZero: false, byHand: tasks.dmsa },
  'kds-root-key': { tierZero: true, byHand: tasks.kdsRootKey },
  'certificate-authority': { tierZero: true, byHand: tasks.certificateAuthority },
  dsrm: { tierZero: true, byHand: tasks.dsrm },
  'key-credentials': { tierZero: true, byHand: tasks.keyCredentials },
} as const satisfies Record<string, Row>;

/** The task of one object; `name` stands in the instruction, so that it can be copied. The refusal of a reset says the same. */
export function byHandOf(principal: Principal, name: string): Omit<ByHand, 'mark'> | undefined {
  const task = (principals[principal] as Row).byHand;
  return task === undefined ? undefined : { task: task.task, order: task.order, instruction: task.instruction.replaceAll('{name}', name) };
}

/** Their keys seal tickets whether or not the account could log on: they are never left out as disabled. */
export const sealsTickets = (principal: Principal): boolean => principal === 'krbtgt' || principal === 'rodc-krbtgt';

export type Seen = { readonly classes: readonly string[]; readonly name: string; readonly rid: number | undefined; readonly flags: number };

/** Names and flags that Windows and Entra Connect give their own accounts. The first that fits decides. */
export function principalOf({ classes, name, rid, flags }: Seen): Principal {
  const lower = classes.map((each) => each.toLowerCase());
  const is = (each: string) => lower.includes(each);
  const has = (bit: number) => (flags & bit) !== 0;
  if (is('trusteddomain')) return 'trust';
  if (rid === 502) return 'krbtgt';
  if (/^krbtgt_azuread$/i.test(name)) return 'cloud-kerberos';
  if (/^krbtgt_\d+$/i.test(name)) return 'rodc-krbtgt';
  if (/^azureadssoacc\$?$/i.test(name)) return 'seamless-sso';
  if (is('msds-groupmanagedserviceaccount')) return 'gmsa';
  if (is('msds-delegatedmanagedserviceaccount')) return 'dmsa';
  if (is('msds-managedserviceaccount')) return 'smsa';
  if (has(uac.interdomainTrust)) return 'trust-account';
  if (has(uac.readOnlyController)) return 'read-only-controller';
  if (has(uac.server)) return 'domain-controller';
  if (is('computer') || has(uac.workstation)) return 'computer';
  if (/^(msol_[0-9a-f]{12}|adsyncmsa[0-9a-z]*\$?|aad_[0-9a-f]{12}|sync_.*)$/i.test(name)) return 'entra-connect';
  return has(uac.smartcardRequired) ? 'smartcard-only' : 'user';
}

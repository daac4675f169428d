// What a directory object is, and who changes its secret: every kind is named, and one that must not be reset here says what to do instead.
import { uac } from './flags.ts';

export type Principal = keyof typeof principals;

type Row = { readonly tierZero: boolean /** Absent: a reset here is the way. */; readonly byHand?: string };

/** `byHand` is shown in the inventory (facts.reset) and is the refusal when a reset is tried all the same. */
export const principals = {
  user: { tierZero: false },
  'entra-connect': { tierZero: true },
  'smartcard-only': {
    tierZero: false,
    byHand: 'it signs in by smart card: clear and set "smart card is required" to roll its hash, and revoke its certificates',
  },
  computer: {
    tierZero: false,
    byHand: 'the machine changes it by itself: run Test-ComputerSecureChannel -Repair or netdom resetpwd on it, twice',
  },
  'domain-controller': { tierZero: true, byHand: 'run netdom resetpwd on the controller, twice' },
  'read-only-controller': {
    tierZero: true,
    byHand: 'reset the computer account of the read-only controller and its own krbtgt, or remove it',
  },
  krbtgt: { tierZero: true, byHand: 'the krbtgt procedure: reset, wait, reset again, and present an old ticket' },
  'rodc-krbtgt': { tierZero: true, byHand: 'the krbtgt procedure, separately for each read-only controller' },
  'cloud-kerberos': { tierZero: true, byHand: 'Set-AzureADKerberosServer -RotateServerKey' },
  'seamless-sso': {
    tierZero: true,
    byHand: 'Update-AzureADSSOForest, not more often than a ticket lives: the cloud holds a copy of this key',
  },
  trust: { tierZero: true, byHand: 'netdom trust /resetOneSide on both sides with one value' },
  'trust-account': { tierZero: true, byHand: 'it belongs to a trust: netdom trust /resetOneSide on both sides' },
  gmsa: { tierZero: false, byHand: 'the controllers roll it; after a leak of the KDS root key make a new key and new accounts' },
  smsa: { tierZero: false, byHand: 'the host changes it: Reset-ADServiceAccountPassword there' },
  dmsa: { tierZero: false, byHand: 'the controllers roll it; look at msDS-ManagedAccountPrecededByLink' },
  'kds-root-key': {
    tierZero: true,
    byHand: 'a new KDS root key, then new group managed service accounts: passwords of the old key are computable for ever',
  },
  'certificate-authority': { tierZero: true, byHand: 'renew with a new key, revoke what was issued, review the templates' },
  dsrm: { tierZero: true, byHand: 'ntdsutil "set dsrm password" on that controller: it is no object of the directory' },
} as const satisfies Record<string, Row>;

export const byHandOf = (principal: Principal): string | undefined => (principals[principal] as Row).byHand;

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

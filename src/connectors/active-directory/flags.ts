// Bits of userAccountControl that say what an account is, whether it may be used, and how weak it is (MS-ADTS 2.2.16).

export const uac = {
  disabled: 0x2,
  passwordNotRequired: 0x20,
  reversiblePassword: 0x80,
  interdomainTrust: 0x800,
  workstation: 0x1000,
  server: 0x2000,
  passwordNeverExpires: 0x10000,
  smartcardRequired: 0x40000,
  trustedForDelegation: 0x80000,
  notDelegated: 0x100000,
  desOnly: 0x200000,
  noPreauthentication: 0x400000,
  protocolTransition: 0x1000000,
  readOnlyController: 0x4000000,
} as const;
/** Of msDS-User-Account-Control-Computed: what holds now, worked out by the controller that is asked. */
export const computed = { locked: 0x10, passwordExpired: 0x800000 } as const;

const weaknesses: readonly (readonly [number, string])[] = [
  [uac.passwordNotRequired, 'password-not-required'],
  [uac.reversiblePassword, 'reversible-password'],
  [uac.noPreauthentication, 'no-preauthentication'],
  [uac.desOnly, 'des-only'],
  [uac.passwordNeverExpires, 'password-never-expires'],
  [uac.trustedForDelegation, 'unconstrained-delegation'],
];
const aes = 0x18;

/** `spn`: it has a service principal name, so anyone may ask for a ticket under its key and guess the password offline. */
export function weaknessesOf(flags: number, spn: boolean, encryption: number | undefined): readonly string[] {
  const found = weaknesses.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  const weakTickets = spn && encryption !== undefined && encryption !== 0 && (encryption & aes) === 0;
  return [...found, ...(spn ? ['kerberoastable'] : []), ...(weakTickets ? ['no-aes'] : [])];
}

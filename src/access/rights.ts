// Who may do what, on one page: the table an auditor reads. Routes name a permission, never a role; everything not in the table is refused.

export const roles = ['viewer', 'operator', 'approver', 'owner', 'help-desk', 'auditor', 'administrator'] as const;
export type Role = (typeof roles)[number];

export const permissions = [
  'estate.read', // systems, accounts, consumers, people: facts, never a secret
  'estate.check', // doctor: opens connections to targets and signs in with Rekey's own credentials
  'estate.discover',
  'estate.import',
  'plan.read',
  'plan.create',
  'plan.approve',
  'run.read',
  'run.start',
  'run.pause',
  'run.resume',
  'run.abort',
  'run.retry',
  'run.except',
  'run.sign-off',
  'evidence.read',
  'evidence.prove',
  'secret.reveal',
  'secret.reopen', // a wait that ended begins anew: shows nothing to whoever asks for it
  'secret.handover',
  'trigger.fire',
  'notice.read', // templates, channels and what was sent to whom
  'notice.send',
  'member.read',
  'member.manage', // people, their roles, invitations; API tokens of others
  'audit.read',
  'keyring.change',
] as const;
export type Permission = (typeof permissions)[number];

/** `own`: only what the caller owns by the inventory (owner or identity of an account, owner of a system). */
export type Reach = 'all' | 'own';

const reading = { 'estate.read': 'all', 'plan.read': 'all', 'run.read': 'all', 'evidence.read': 'all' } as const;

export const rights: Readonly<Record<Role, Readonly<Partial<Record<Permission, Reach>>>>> = {
  viewer: { ...reading },
  operator: {
    ...reading,
    'estate.check': 'all',
    'estate.discover': 'all',
    'estate.import': 'all',
    'plan.create': 'all',
    'run.start': 'all',
    'run.pause': 'all',
    'run.resume': 'all',
    'run.abort': 'all',
    'run.retry': 'all',
    'run.except': 'all',
    'evidence.prove': 'all',
    'secret.handover': 'all', // an approved hand-over only: two other people signed for it
    'trigger.fire': 'all',
    'notice.read': 'all',
    'notice.send': 'all',
  },
  // Whoever approves does not start: an approver who is an operator too still cannot approve what he made himself.
  approver: { ...reading, 'plan.approve': 'all', 'run.pause': 'all', 'run.sign-off': 'all' },
  owner: {
    'estate.read': 'own',
    'run.read': 'own',
    'run.pause': 'own', // the red button: a run that broke something of theirs
    'run.sign-off': 'own',
    'run.except': 'own',
    'secret.reveal': 'own',
  },
  'help-desk': { 'estate.read': 'all', 'run.read': 'all', 'notice.read': 'all', 'secret.reopen': 'all' },
  auditor: { ...reading, 'audit.read': 'all', 'member.read': 'all', 'notice.read': 'all' },
  // Gives rights and holds none over credentials: making oneself an operator is on record before it helps.
  administrator: {
    'member.read': 'all',
    'member.manage': 'all',
    'audit.read': 'all',
    'notice.read': 'all',
    'estate.read': 'all',
    'run.read': 'all',
  },
};

/** The widest reach any of the roles gives, or undefined where none gives the permission. */
export function reachOf(held: readonly Role[], permission: Permission): Reach | undefined {
  let widest: Reach | undefined;
  for (const role of held) {
    const reach = rights[role][permission];
    if (reach === 'all') return 'all';
    widest ??= reach;
  }
  return widest;
}

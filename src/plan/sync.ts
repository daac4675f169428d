// Sync groups in a plan: which systems share a value, of what form, what hinders that, and in which order they come.
import type { United } from '../domain/united.ts';
import type { PlanSyncView } from '../domain/view.ts';
import type { PasswordRules, SyncGroup } from '../estate/estate.ts';
import type { PasswordPolicy } from '../kit/capability.ts';
import { policyWords } from '../kit/policy-words.ts';
import type { JudgedSystem } from './judge.ts';
import type { SystemSnapshot } from './port.ts';
import type { PlannedGroup, SystemSync } from './sync-part.ts';
import type { Written } from './write-items.ts';

/** The union of what all members demand, or which two contradict each other. Handed in: values are made elsewhere. */
export type Unite = (
  members: readonly { readonly system: string; readonly policy: PasswordPolicy | undefined; readonly rules: PasswordRules }[],
) => United | { readonly conflict: string };

export function planGroups(
  groups: readonly SyncGroup[],
  systems: readonly JudgedSystem[],
  snapshots: readonly SystemSnapshot[],
  unite: Unite,
): readonly JudgedSystem[] {
  const parts = new Map<string, SystemSync>();
  for (const { name, systems: ids } of groups) {
    const members = ids.flatMap((id) => {
      const system = systems.find(({ spec }) => spec.id === id);
      return system === undefined ? [] : [{ system, takes: takesOf(system), policy: snapshots.find((s) => s.id === id)?.policy }];
    });
    const group = groupOf(name, members, unite);
    for (const [n, { system, takes }] of members.entries()) parts.set(system.spec.id, { group, first: n === 0, takes });
  }
  return systems.map((system) => {
    const sync = parts.get(system.spec.id);
    return sync === undefined ? system : { ...system, sync };
  });
}

type GroupMember = { readonly system: JudgedSystem; readonly takes: 'value' | 'own'; readonly policy: PasswordPolicy | null | undefined };

function groupOf(name: string, members: readonly GroupMember[], unite: Unite): PlannedGroup {
  const sharing = members.filter((m) => m.takes === 'value');
  const systems = members.map((m) => ({
    system: m.system.spec.id,
    takes: m.takes,
    policy: m.takes === 'own' ? 'its own' : policyWords(m.policy ?? undefined, m.system.spec.password),
  }));
  const unread = sharing.filter((m) => m.policy === undefined && m.system.connector?.supports.passwordPolicy === true);
  const base = { name, systems, form: null };
  if (unread.length > 0)
    return {
      ...base,
      hindered: {
        reason: 'sync-policy-unread',
        why: `nobody has read the policy of ${unread.map((m) => m.system.spec.id).join(', ')} yet`,
      },
    };
  const united = unite(
    sharing.map(({ system, policy }) => ({ system: system.spec.id, policy: policy ?? undefined, rules: system.spec.password })),
  );
  if ('conflict' in united) return { ...base, hindered: { reason: 'sync-policies', why: united.conflict } };
  return { ...base, form: united };
}

/** Keys and values that the target makes cannot be shared. */
function takesOf({ connector }: JudgedSystem): 'value' | 'own' {
  if (connector?.supports.secretForm === true) return 'own';
  return connector?.supports.setSecret === true || connector?.supports.overlap === true ? 'value' : 'own';
}

export type GroupInPlan = PlanSyncView & { readonly early: readonly string[] };

/** Every group that the estate file names: in which order its systems come, and which of them (`early`) do not come after the first. */
export function groupsOf(systems: readonly JudgedSystem[], written: Pick<Written, 'shared'>): readonly GroupInPlan[] {
  const groups = new Map(systems.flatMap(({ sync }) => (sync === undefined ? [] : [[sync.group.name, sync.group] as const])));
  return [...groups.values()].map(({ name, systems: members, form }) => {
    const shared = written.shared.get(name);
    const waves = (system: string): number[] => [...(shared?.waves.get(system) ?? [])].sort((a, b) => a - b);
    const present = members.map(({ system }) => system).filter((system) => waves(system).length > 0);
    const first = members[0]?.system ?? '';
    const last = waves(first).at(-1) ?? -1;
    const words = (system: string): string => `${system} in wave ${waves(system).join(', ')}`;
    return {
      name,
      systems: members,
      form,
      accounts: shared?.accounts ?? 0,
      order:
        present
          .sort((a, b) => (waves(a)[0] ?? 0) - (waves(b)[0] ?? 0))
          .map(words)
          .join(', then ') || 'none of its accounts comes after wave 0',
      early: present.filter((system) => system !== first && (waves(system)[0] ?? 0) <= last),
    };
  });
}

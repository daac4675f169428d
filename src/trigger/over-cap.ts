// By how much a plan passes what its playbook may do, in words; undefined = within.
import type { Cap } from '../estate/playbook-spec.ts';

export function overCap(size: Cap, cap: Cap): string | undefined {
  const over = (
    [
      ['credentials', size.credentials, cap.credentials],
      ['systems', size.systems, cap.systems],
      ['credentials of tier 0', size.tier0, cap.tier0],
    ] as const
  ).flatMap(([what, is, most]) => (is > most ? [`${is} ${what}, ${is - most} more than the ${most} it may`] : []));
  return over.length === 0 ? undefined : over.join('; ');
}

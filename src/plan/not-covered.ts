// What a plan leaves standing at the level of systems: what outlives a reset there, and what nobody has looked at yet.
import { type JudgedSystem, supports, whyNot } from './judge.ts';
import type { SystemSnapshot } from './port.ts';
import type { Reasons } from './reasons.ts';

/** Words a connector uses for "nothing kills this". */
const nothing = /^(-|—|no|none|nothing|never|not\b.*|cannot\b.*)?\.?$/i;

/** `touched`: systems with at least one account to rotate. */
export function addSystemGaps(
  notCovered: Reasons,
  systems: readonly JudgedSystem[],
  touched: ReadonlySet<string>,
  snapshots: readonly SystemSnapshot[],
): void {
  const discovered = new Set(snapshots.filter((s) => s.discovered).map((s) => s.id));
  for (const system of systems) {
    const { spec, connector } = system;
    if (!discovered.has(spec.id) && connector?.role !== 'store') {
      notCovered.add('never-discovered', 'no account of this system can be in any plan: rekey discover --system ID', spec.id);
    }
    if (connector === undefined || !touched.has(spec.id)) continue;
    if (!supports(system, 'sessions')) {
      notCovered.add(
        'sessions-survive',
        'sessions opened with the old secret go on: restart what holds them, or wait until they end',
        `${spec.id}: ${whyNot(connector.supports.sessions)}`,
      );
    }
    for (const { what, killedBy, residual } of connector.derivatives) {
      if (nothing.test(killedBy.trim()))
        notCovered.add(
          'derivative-survives',
          'a reset does not end it, and the connector cannot: it lives as long as it says',
          `${spec.id}: ${what} (${residual})`,
        );
    }
  }
}

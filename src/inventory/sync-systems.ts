// Brings the system table in line with the estate file. Cheap when nothing changed, so every start does it.
import type { Estate } from '../estate/estate.ts';
import type { Connector } from '../kit/connector.ts';
import type { Systems } from './port.ts';

/** `roleOf`: role of a connector, from the registry. */
export async function syncSystems(
  systems: Systems,
  estate: Pick<Estate, 'systems'>,
  roleOf: (connector: string) => Connector['role'],
): Promise<void> {
  await systems.sync(
    estate.systems.map((s) => ({
      id: s.id,
      connector: s.connector,
      role: roleOf(s.connector),
      tier: s.tier,
      owner: s.owner ?? null,
      spec: s.specHash,
      canary: s.canary?.account ?? null,
    })),
  );
}

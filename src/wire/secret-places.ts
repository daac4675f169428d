// Where a system's own credentials come from, by kind: never the name of a variable, a path or a command.
import type { SystemDetail } from '../domain/system-view.ts';
import type { SystemSpec } from '../estate/estate.ts';

type Place = SystemDetail['secrets'][number];
const kinds: Readonly<Record<string, Place['from']>> = { env: 'environment', file: 'file', exec: 'command', vault: 'vault' };

export function secretPlaces({ config, canary, paths }: Pick<SystemSpec, 'config' | 'canary' | 'paths'>): Place[] {
  return [...within(config, ''), ...within(canary?.secret, 'canary'), ...paths.flatMap((path) => within(path.config, `paths.${path.id}`))];
}

function within(value: unknown, key: string): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value);
  const [only] = entries;
  const from = entries.length === 1 && only !== undefined ? kinds[only[0]] : undefined;
  if (from !== undefined && !Array.isArray(value)) return [{ key, from }];
  return entries.flatMap(([name, inner]) => within(inner, key === '' ? name : `${key}.${name}`));
}

// What `people` and `sync` may name: systems with accounts that are there, each in one group only.
import { didYouMean } from './did-you-mean.ts';
import type { Loose } from './loose.ts';
import type { Path } from './yaml-places.ts';

type Finding = { readonly path: Path; readonly message: string; readonly hint: string };
type Roles = ReadonlyMap<string, { readonly role: string }>;

export function peopleFindings(file: Loose, connectors: Roles): Finding[] {
  const found: Finding[] = [];
  const known = file.systems.flatMap(({ id, connector }) =>
    id === undefined || connectors.get(connector ?? '')?.role === 'store' ? [] : [id],
  );
  const named = (ids: readonly (string | undefined)[], at: Path): void => {
    for (const [n, id] of ids.entries()) {
      if (id === undefined || known.includes(id)) continue;
      const hint = didYouMean(id, known) ?? 'name a system of this file that has accounts';
      found.push({ path: [...at, n], message: `${[...at, n].join('.')}: there is no system "${id.slice(0, 60)}" with accounts`, hint });
    }
  };
  named(file.peopleSystems, ['people', 'systems']);
  const groups = new Map<string, string>();
  const names = new Set<string>();
  for (const [g, { name, systems }] of file.sync.entries()) {
    named(systems, ['sync', g, 'systems']);
    if (name !== undefined && names.has(name))
      found.push({
        path: ['sync', g, 'name'],
        message: `sync.${g}.name: "${name}" is also the name of an earlier group`,
        hint: 'give each group a name of its own',
      });
    if (name !== undefined) names.add(name);
    for (const [n, id] of systems.entries()) {
      if (id === undefined) continue;
      const other = groups.get(id);
      if (other !== undefined)
        found.push({
          path: ['sync', g, 'systems', n],
          message: `sync.${g}.systems.${n}: ${id} stands in ${other} already`,
          hint: 'a system takes one shared value: leave it in one group, once',
        });
      groups.set(id, name ?? `sync.${g}`);
    }
  }
  return found;
}

// Which accounts the estate file itself calls people or services: its word goes before the score.
import type { Kind } from '../../domain/account.ts';
import { type Filter, matches, typesOf } from '../../protocols/ldap/filter.ts';
import { parseFilter } from '../../protocols/ldap/filter-text.ts';
import { type Entry, valuesOf } from '../../protocols/ldap/message.ts';
import type { Config } from './config.ts';

/** `types`: what must be read to decide. */
export type Kinds = { readonly types: readonly string[]; of(entry: Entry): Kind | undefined };

export function kindsOf({ peopleFilter, serviceFilter }: Pick<Config, 'peopleFilter' | 'serviceFilter'>): Kinds {
  const named = [
    ['human', peopleFilter],
    ['service', serviceFilter],
  ] as const;
  const filters = named.flatMap(([kind, source]): { readonly kind: Kind; readonly filter: Filter }[] =>
    source === undefined ? [] : [{ kind, filter: parseFilter(source) }],
  );
  return {
    types: filters.flatMap(({ filter }) => typesOf(filter)),
    of: (entry) => filters.find(({ filter }) => matches(filter, (type) => valuesOf(entry, type)))?.kind,
  };
}

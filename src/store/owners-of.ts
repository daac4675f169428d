// Whose an account is, as SQL: what imports declared; else the target's hint; else the system's owner of last resort. Case does not make two owners.

/** `declared`: an account's jsonb of that name. `fallback`: the system's owner. */
export const ownersOf = (declared: string, fallback: string): string => `coalesce(
  (select array_agg(o.owner order by o.owner) from (select distinct on (lower(e.owner)) e.owner
     from jsonb_each(${declared}->'owners') file, jsonb_array_elements_text(file.value) e(owner) order by lower(e.owner), e.owner) o),
  case when ${declared} ? 'hint' then array[${declared}->>'hint'] when ${fallback} is not null then array[${fallback}] else '{}'::text[] end)`;

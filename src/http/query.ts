// Query and path parameters shared by the routes: keyset pages, ids. An unknown parameter is refused, never ignored.
import { z } from 'zod';
import { normalId } from '../domain/id.ts';
import type { Page } from './services.ts';

/** 1,000 rows of items are about 1 MiB of JSON: the largest page one reply may hold. */
export const largestPage = 1000;

export const pageQuery = z.strictObject({
  cursor: z.string().max(2000).optional().describe('From the previous page; left out for the first.'),
  limit: z.coerce.number().int().min(1).max(largestPage).default(100),
});

/** Ids are read aloud: `r-7k3qo2ma` finds `R-7K3Q02MA`. */
export const idParams = z.strictObject({
  id: z
    .string()
    .max(64)
    .transform(normalId)
    .describe('Short id, for example R-7K3QX2MA; typing mistakes between O and 0, I, L and 1 are forgiven.'),
});

export const accountParams = z.strictObject({ system: z.string().min(1).max(200), account: z.string().min(1).max(2000) });

/** Without an undefined member, which the services' types forbid. */
export function pageOf(query: { cursor?: string | undefined; limit: number }): Page {
  return query.cursor === undefined ? { limit: query.limit } : { cursor: query.cursor, limit: query.limit };
}

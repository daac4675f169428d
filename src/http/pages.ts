// All rows of a keyset-paged list, one page in memory at a time.
import type { Paged } from '../domain/view.ts';

export async function* allPages<Row>(page: (cursor: string | undefined) => Promise<Paged<Row>>): AsyncGenerator<Row> {
  let cursor: string | undefined;
  do {
    const { items, cursor: next } = await page(cursor);
    yield* items;
    cursor = next;
  } while (cursor !== undefined);
}

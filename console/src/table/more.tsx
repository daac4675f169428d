// The next page of a list, asked for by a person: nothing loads by scrolling past it.
import { Button } from '@mantine/core';

export function More({
  pages,
  what,
}: {
  readonly pages: { readonly hasNextPage: boolean; readonly isFetchingNextPage: boolean; fetchNextPage(): unknown };
  readonly what: string;
}) {
  if (!pages.hasNextPage) return null;
  return (
    <div>
      <Button variant="default" size="compact-sm" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
        More {what}
      </Button>
    </div>
  );
}

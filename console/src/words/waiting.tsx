// What stands where data will be, in its size, so that nothing jumps when it comes.
import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';

export function Waiting({ lines = 4, height = 22 }: { readonly lines?: number; readonly height?: number }) {
  return (
    <Stack gap="xs" aria-busy="true">
      <VisuallyHidden role="status">Loading</VisuallyHidden>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are alike and never move
        <Skeleton key={line} height={height} radius="sm" />
      ))}
    </Stack>
  );
}

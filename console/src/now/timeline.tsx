// The last that happened to the run: who, what, when.
import { Title } from '@mantine/core';
import { LogLines } from '../words/log-lines.tsx';
import type { Now } from './use-now.ts';

export function Timeline({ now }: { readonly now: Now }) {
  return (
    <section aria-labelledby="timeline">
      <Title order={2} size="h5" id="timeline" mb={4}>
        Timeline (UTC)
      </Title>
      <LogLines lines={now.timeline} />
    </section>
  );
}

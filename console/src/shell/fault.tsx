// A screen that broke, said where it broke: the rest of the console goes on.
import type { ErrorComponentProps } from '@tanstack/react-router';
import { Trouble } from '../words/trouble.tsx';
import { Screen } from './screen.tsx';

export function Fault({ error, reset }: ErrorComponentProps) {
  return (
    <Screen title="This screen cannot be shown">
      <Trouble error={error} again={reset} />
    </Screen>
  );
}

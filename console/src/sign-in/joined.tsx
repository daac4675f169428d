// The address of an invitation, opened by somebody who is signed in already.
import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Screen } from '../shell/screen.tsx';

export const screen = () => (
  <Screen title="You are signed in already">
    <Text>
      An invitation is for somebody who is not. <Link to="/">What is going on now</Link>
    </Text>
  </Screen>
);

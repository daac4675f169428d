// An address that leads nowhere.
import { Text } from '@mantine/core';
import { Link, useLocation } from '@tanstack/react-router';
import { Screen } from './screen.tsx';

export function Lost() {
  const { pathname } = useLocation();
  return (
    <Screen title="No such page">
      <Text>
        There is nothing at {pathname}. <Link to="/">What is going on now</Link>
      </Text>
    </Screen>
  );
}

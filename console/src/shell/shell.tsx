// What stands on every page: where we are, as whom, whether the picture is live, and the way to every screen.
import { AppShell, Burger, Group, NavLink, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, Outlet, useLocation } from '@tanstack/react-router';

const screens = [
  { to: '/', name: 'Now' },
  { to: '/plans', name: 'Plans' },
  { to: '/runs', name: 'Runs' },
  { to: '/accounts', name: 'Accounts' },
  { to: '/systems', name: 'Systems' },
  { to: '/approvals', name: 'Approvals' },
  { to: '/evidence', name: 'Evidence' },
  { to: '/settings', name: 'Settings' },
] as const;

export function Shell() {
  const [open, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  return (
    <AppShell header={{ height: 48 }} navbar={{ width: 168, breakpoint: 'sm', collapsed: { mobile: !open } }} padding="md">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <AppShell.Header px="md">
        <Group h="100%" gap="sm">
          <Burger opened={open} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={open ? 'Close the menu' : 'Open the menu'} />
          <Text fw={700}>Rekey</Text>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Screens">
        {screens.map(({ to, name }) => (
          <NavLink
            key={to}
            component={Link}
            to={to}
            label={name}
            onClick={close}
            active={to === '/' ? pathname === '/' : pathname.startsWith(to)}
          />
        ))}
      </AppShell.Navbar>
      <AppShell.Main id="main">
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

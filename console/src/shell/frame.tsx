// The frame around every screen of somebody who is signed in.
import { AppShell } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useLocation } from '@tanstack/react-router';
import { useOpenLine } from '../live/use-live.ts';
import { Header } from './header.tsx';
import { Keys } from './keys.tsx';
import { Nav } from './nav.tsx';
import { Palette } from './palette.tsx';
import css from './shell.module.css';
import { useKeys } from './use-keys.ts';

export function Frame() {
  const [menu, { toggle, close }] = useDisclosure();
  const [keys, keysOf] = useDisclosure();
  const [palette, paletteOf] = useDisclosure();
  const bare = useLocation().pathname === '/wallboard';
  useOpenLine();
  useKeys({ palette: paletteOf.open, help: keysOf.open });
  const over = (
    <>
      {palette ? <Palette close={paletteOf.close} openKeys={keysOf.open} /> : null}
      {keys ? <Keys close={keysOf.close} /> : null}
    </>
  );
  if (bare)
    return (
      <>
        <Outlet />
        {over}
      </>
    );
  return (
    <AppShell
      header={{ height: { base: 80, sm: 48 } }}
      navbar={{ width: 160, breakpoint: 'sm', collapsed: { mobile: !menu } }}
      padding={{ base: 'xs', sm: 'md' }}
    >
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <AppShell.Header px="sm" className={css.header}>
        <Header menu={menu} toggleMenu={toggle} openPalette={paletteOf.open} openKeys={keysOf.open} />
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Screens" onKeyDown={(event) => (event.key === 'Escape' ? close() : undefined)}>
        <Nav close={close} />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <Outlet />
      </AppShell.Main>
      {over}
    </AppShell>
  );
}

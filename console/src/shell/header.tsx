// The line above every page: which estate, which run for how long, live or how old, Pause, who you are.
import { Burger, Button, Kbd, VisuallyHidden } from '@mantine/core';
import { LiveWords } from '../live/live-words.tsx';
import { useSession } from '../sign-in/session.ts';
import { CallerMenu } from './caller.tsx';
import { Pause } from './pause.tsx';
import { RunClock } from './run-clock.tsx';
import css from './shell.module.css';

type HeaderProps = {
  readonly menu: boolean;
  readonly toggleMenu: () => void;
  readonly openPalette: () => void;
  readonly openKeys: () => void;
};

export function Header({ menu, toggleMenu, openPalette, openKeys }: HeaderProps) {
  const { data: session } = useSession();
  return (
    <div className={css.bar}>
      <Burger opened={menu} onClick={toggleMenu} hiddenFrom="sm" size="sm" aria-label={menu ? 'Close the menu' : 'Open the menu'} />
      <span className={css.where}>
        <span className={css.estate} title={session?.estate}>
          <VisuallyHidden>Estate </VisuallyHidden>
          {session?.estate}
        </span>
        {session?.demo === true ? <span className={css.demo}>DEMO</span> : null}
      </span>
      <Pause />
      <span className={css.break} />
      <RunClock />
      <span className={css.live}>
        <LiveWords />
      </span>
      <span className={css.grow} />
      <Button variant="default" size="compact-sm" onClick={openPalette} visibleFrom="md" rightSection={<Kbd size="xs">Ctrl K</Kbd>}>
        Go to
      </Button>
      <CallerMenu openKeys={openKeys} />
    </div>
  );
}

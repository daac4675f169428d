// Gives the focus back to the control that had it when a dialog opened, also where the dialog is taken out of the page instead of being closed.
import { useLayoutEffect } from 'react';

/** What opened the dialog that is just going: one that it leads to gives the focus back to the same place. */
let leaving: Element | null = null;

/** Mantine's own `returnFocus` acts when `opened` changes, which a dialog that is unmounted never sees. */
export function useFocusBack(opened: boolean): void {
  // A layout effect: before anything moves the focus into the dialog, and after the dialog that led here has gone.
  useLayoutEffect(() => {
    if (!opened) return;
    const from = openerOf(document.activeElement) ?? leaving;
    return () => {
      leaving = from;
      window.requestAnimationFrame(() => {
        leaving = null;
        giveBack(from);
      });
    };
  }, [opened]);
}

/** An entry of a menu goes with its menu: what opened that stays. */
function openerOf(active: Element | null): Element | null {
  if (active === null || active === document.body) return null;
  const menu = active.closest('[role="menu"]');
  return menu === null ? active : document.getElementById(menu.getAttribute('aria-labelledby') ?? '');
}

function giveBack(from: Element | null): void {
  // The page's own focus comes first: what the dialog led to may have taken it already.
  const at = document.activeElement;
  if (at !== null && at !== document.body && at.closest('[role="dialog"]') === null) return;
  // What opened it may be gone with what it did; the page's heading is then where reading goes on.
  const there = from instanceof HTMLElement && from.isConnected;
  (there ? from : document.querySelector('h1'))?.focus({ preventScroll: true });
}

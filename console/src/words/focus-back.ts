// Gives the focus back to the control that had it when a dialog opened, also where the dialog is taken out of the page instead of being closed.
import { useLayoutEffect } from 'react';

/** What had the focus last that stays: entries of menus and fields of dialogs go with the act they begin. */
let stayed: Element | null = null;
document.addEventListener('focusin', ({ target }) => {
  if (target instanceof Element && target.closest('[role="menu"], [role="dialog"]') === null) stayed = target;
});

/** Mantine's own `returnFocus` acts when `opened` changes, which a dialog that is unmounted never sees. */
export function useFocusBack(opened: boolean): void {
  // A layout effect: before anything moves the focus into the dialog, and after the menu or the dialog that led here has gone.
  useLayoutEffect(() => {
    if (!opened) return;
    const at = document.activeElement;
    const from = at === null || at === document.body || at.closest('[role="menu"]') !== null ? stayed : at;
    return () => void window.requestAnimationFrame(() => giveBack(from));
  }, [opened]);
}

function giveBack(from: Element | null): void {
  // The page's own focus comes first: what the dialog led to may have taken it already.
  const at = document.activeElement;
  if (at !== null && at !== document.body && at.closest('[role="dialog"]') === null) return;
  // What opened it may be gone with what it did; the page's heading is then where reading goes on.
  const there = from instanceof HTMLElement && from.isConnected;
  (there ? from : document.querySelector('h1'))?.focus({ preventScroll: true });
}

// Gives the focus back to the control that had it when a dialog opened, also where the dialog is taken out of the page instead of being closed.
import { useEffect, useLayoutEffect, useRef } from 'react';

/** Mantine's own `returnFocus` acts when `opened` changes, which a dialog that is unmounted never sees. */
export function useFocusBack(opened: boolean): void {
  const opener = useRef<Element | null>(null);
  // Before any effect that moves the focus into the dialog.
  useLayoutEffect(() => {
    if (opened) opener.current = document.activeElement;
  }, [opened]);
  useEffect(() => {
    if (!opened) return;
    const from = opener.current;
    return () => {
      // The page's own focus comes first: what the dialog led to may have taken it already.
      window.requestAnimationFrame(() => {
        const at = document.activeElement;
        if (at !== null && at !== document.body && at.closest('[role="dialog"]') === null) return;
        const there = from instanceof HTMLElement && from !== document.body && from.isConnected;
        // What opened it may be gone with what it did; the page's heading is then where reading goes on.
        (there ? from : document.querySelector('h1'))?.focus({ preventScroll: true });
      });
    };
  }, [opened]);
}

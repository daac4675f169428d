// The keys of every page: ⌘K, /, ?, and g with a letter. Silent while somebody types or a dialog is open.
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { screens } from './screens.ts';

/** Between `g` and the letter. */
const together = 1200;

export function useKeys({ palette, help }: { readonly palette: () => void; readonly help: () => void }): void {
  const navigate = useNavigate();
  const wentAt = useRef(0);
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        palette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector('[role="dialog"]') !== null)
        return;
      if (event.key === '?') help();
      else if (event.key === '/') focusSearch(event);
      else if (event.key === 'g') wentAt.current = event.timeStamp;
      else if (event.timeStamp - wentAt.current < together) {
        wentAt.current = 0;
        if (event.key === 'w') void navigate({ to: '/wallboard' });
        const screen = screens.find(({ key }) => key === event.key);
        if (screen !== undefined) void navigate({ to: screen.to });
      }
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, [navigate, palette, help]);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function focusSearch(event: KeyboardEvent): void {
  const field = document.querySelector<HTMLInputElement>('main input[type="search"], main input[data-search]');
  if (field === null) return;
  event.preventDefault();
  // On a narrow screen the fields may be folded away.
  field.closest('details')?.setAttribute('open', '');
  field.focus();
  field.select();
}

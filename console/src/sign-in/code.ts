// The one-time code of an invitation or of the first start, from the address; taken out of it at once, so that it stays in no history.
let kept: string | undefined;

export function codeInAddress(): string {
  if (kept !== undefined) return kept;
  const address = new URL(window.location.href);
  const fragment = new URLSearchParams(address.hash.slice(1));
  kept = address.searchParams.get('code') ?? fragment.get('code') ?? '';
  if (kept !== '') {
    address.searchParams.delete('code');
    address.hash = '';
    window.history.replaceState(window.history.state, '', address);
  }
  return kept;
}

// The one-time code of an invitation or of the first start, from the address; taken out of it at once, so that it stays in no history.
let kept: string | undefined;

export function codeInAddress(): string {
  if (kept !== undefined) return kept;
  const address = new URL(window.location.href);
  const fragment = new URLSearchParams(address.hash.slice(1));
  // An invitation's address is /join#CODE: a fragment reaches no server and no proxy's log.
  const bare = address.pathname === '/join' ? decodeURIComponent(address.hash.slice(1)) : '';
  kept = address.searchParams.get('code') ?? fragment.get('code') ?? bare;
  if (kept !== '') {
    address.searchParams.delete('code');
    address.hash = '';
    window.history.replaceState(window.history.state, '', address);
  }
  return kept;
}

// The server's own bundle of a run, as the archive that is also downloaded.
import { Refusal } from '../api/refusal.ts';
import type { Chosen } from './dropped.ts';

export async function fetchBundle(run: string): Promise<Chosen> {
  const answer = await fetch(`/v1/runs/${encodeURIComponent(run)}/bundle.tar`, { credentials: 'same-origin' });
  if (!answer.ok) throw Refusal.from(await answer.json().catch(() => undefined), answer.status);
  return { archive: new Uint8Array(await answer.arrayBuffer()) };
}

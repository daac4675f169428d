// Has a bundle checked by a worker of this page: one worker per check, gone when it has answered.
import type { Verified } from '../../../src/prove/verify-in-browser.ts';
import type { Chosen } from './dropped.ts';

export type CheckRequest = { readonly chosen: Chosen; readonly key: string };
export type CheckAnswer = { readonly verified: Verified } | { readonly fault: string };
export type { Verified };

/** `key` is the verifier key the reader knows from elsewhere; empty: the bundle's own is believed. */
export function checkBundle(chosen: Chosen, key: string): Promise<Verified> {
  const worker = new Worker(new URL('./check.worker.ts', import.meta.url), { type: 'module' });
  return new Promise<Verified>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<CheckAnswer>) =>
      'verified' in data ? resolve(data.verified) : reject(new Error(data.fault));
    worker.onerror = () => reject(new Error('the check could not be started in this browser: use rekey evidence verify DIR'));
    worker.postMessage({ chosen, key } satisfies CheckRequest);
  }).finally(() => worker.terminate());
}

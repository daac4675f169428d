// Checks a bundle beside the page, which stays alive meanwhile. The bytes never leave the browser.
import { filesOfTar, verifyBundle } from '../../../src/prove/verify-in-browser.ts';
import type { CheckAnswer, CheckRequest } from './check.ts';
import type { Chosen } from './dropped.ts';

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<CheckRequest>) => void) | null;
  postMessage(answer: CheckAnswer): void;
}; // a dedicated worker; the page's own types know windows only

scope.onmessage = ({ data: { chosen, key } }) => {
  check(chosen, key).then(
    (verified) => scope.postMessage({ verified }),
    (error: unknown) => scope.postMessage({ fault: error instanceof Error ? error.message : String(error) }),
  );
};

async function check(chosen: Chosen, key: string) {
  const files = 'archive' in chosen ? await filesOfTar(chosen.archive) : chosen.files;
  return verifyBundle(files, key === '' ? undefined : key);
}

// Where people reach Rekey with a browser: what passkeys are bound to.
import { Problem } from '../domain/problem.ts';

export type Site = () => { readonly origin: string; readonly rpId: string };

/** `url`: of the server that listens, undefined while none does. Throws then: a passkey cannot be asked for nowhere. */
export function siteOf(url: () => string | undefined): Site {
  return () => {
    const served = url();
    if (served === undefined)
      throw new Problem('usage', {
        message: 'a passkey needs a page to be used on, and no server is running here',
        hint: 'start one: rekey serve; or sign with an SSH key: rekey approve ID --as NAME --key FILE',
      });
    const { origin, hostname } = new URL(served);
    return { origin, rpId: hostname };
  };
}

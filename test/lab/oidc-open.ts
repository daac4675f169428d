// What the OIDC suites stand on: the connector opened on a lab provider, with the references of the estate file answered from memory.
import type { LabOidc } from '../../lab/oidc-server.ts';
import { oidc } from '../../src/connectors/oidc/oidc.ts';
import type { Io, Sealer, Secret } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';

export type ClientBlock = { readonly id: string; readonly [key: string]: unknown };

/** `env` answers `{ env: NAME }`. */
export const oidcIo = (env: Readonly<Record<string, string>>, io: Partial<Io> = {}): Io => ({
  system: 'lab-oidc',
  timeoutMs: 5000,
  signal: new AbortController().signal,
  now: () => new Date(),
  path: (relative) => relative,
  ...io,
  resolve: async (ref) => {
    const text = 'env' in ref ? env[ref.env] : undefined;
    if (text === undefined) throw new Error('no such reference');
    return secretOf('own', text);
  },
});

export function openOidc(
  lab: LabOidc,
  id: string,
  env: Readonly<Record<string, string>> = {},
  io: Partial<Io> = {},
  more: object = {},
  block: object = {},
) {
  const settings = oidc.config.parse({
    issuer: lab.issuer,
    clients: [{ id, registration: { url: lab.registrationUrl(id), token: { env: 'RAT' } }, ...block }],
    accessTokens: { form: 'opaque' },
    ...more,
  });
  return oidc.open(settings, oidcIo({ RAT: lab.registrationTokens[id] ?? '', ...env }, io));
}

export const clientRef = (id: string) => ({ system: 'lab-oidc', id, name: id });

/** Keeps what was sealed, as the engine's escrow does. */
export function keeper(): Sealer & { readonly sealed: { slot: string; text: string }[] } {
  const sealed: { slot: string; text: string }[] = [];
  return {
    sealed,
    async seal(slot, bytes): Promise<Secret> {
      sealed.push({ slot, text: Buffer.from(bytes).toString('utf8') });
      return secretOf(slot, bytes);
    },
  };
}

// What the blocks of every SSH connector share: a host with its pinned key, and how Rekey itself logs in. Without a pin there is no host.
import { z } from 'zod';
import { portOr, secretRef } from '../../kit/settings.ts';
import { fingerprintOf } from './key.ts';

const fingerprint = /^SHA256:[A-Za-z0-9+/]{43}$/;
const publicLine = /^(ssh-|ecdsa-)[a-z0-9-]+ [A-Za-z0-9+/]+={0,2}( .*)?$/;
const pin = z.string().refine((text) => fingerprint.test(text) || (publicLine.test(text) && isBlob(text)), {
  error: 'expected SHA256:… as ssh-keygen -l prints it, or the line of the .pub file',
});

/** The name in the blob must be the name in front of it: a line cut in the middle is no key. */
function isBlob(text: string): boolean {
  const [type = '', base64 = ''] = text.split(' ');
  const blob = Buffer.from(base64, 'base64');
  return blob.length > 4 + type.length && blob.subarray(4, 4 + type.length).toString('latin1') === type;
}

export const hostKey = z
  .union([pin, z.array(pin).min(1)])
  .describe(
    'The key the host must show: SHA256:… (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub) or the whole .pub line. Several during a change.',
  );

export const hostSettings = z.strictObject({ host: z.string().min(1), port: portOr(22), hostKey });

/** How Rekey itself logs in. */
export const adminSettings = {
  host: z.string().min(1),
  port: portOr(22),
  hostKey,
  user: z.string().min(1).describe("Rekey's own login: root, or a user with the sudo rules of the README."),
  privateKey: secretRef.optional().describe("Rekey's own unencrypted private key (OpenSSH or PEM)."),
  password: secretRef.optional(),
} as const;

/** The complaint when Rekey's own login has no secret, or two. */
export function oneSecret(value: { readonly privateKey?: unknown; readonly password?: unknown }) {
  if ((value.privateKey === undefined) !== (value.password === undefined)) return [];
  const message = 'give privateKey or password, one of them';
  return [{ code: 'custom' as const, message, path: ['privateKey'], input: undefined }];
}

/** `replica` is the name the host has in every cell: `host:port`. */
export type Endpoint = { readonly host: string; readonly port: number; readonly replica: string; readonly pins: Pins };
/** `algorithms`: where whole keys are pinned, the kinds the host is asked to show. */
type Pins = { readonly fingerprints: readonly string[]; readonly types: readonly string[] };

export function endpointOf(at: z.output<typeof hostSettings>): Endpoint {
  const texts = typeof at.hostKey === 'string' ? [at.hostKey] : at.hostKey;
  const lines = texts.filter((text) => !fingerprint.test(text)).map((text) => text.split(' '));
  const blobs = lines.map(([, base64 = '']) => fingerprintOf(Buffer.from(base64, 'base64')));
  const types = lines.length === texts.length ? lines.map(([type = '']) => type) : [];
  return {
    host: at.host,
    port: at.port,
    replica: `${at.host.includes(':') ? `[${at.host}]` : at.host}:${at.port}`,
    pins: { fingerprints: [...texts.filter((text) => fingerprint.test(text)), ...blobs], types },
  };
}

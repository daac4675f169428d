// How people compare SSH keys: `SHA256:…` as ssh-keygen -l prints it.
import { hash } from 'node:crypto';
import type { SshPublicKey } from './ssh-public-key.ts';

export function fingerprintOf(key: SshPublicKey): string {
  return `SHA256:${hash('sha256', key.blob, 'base64').replace(/=+$/, '')}`;
}

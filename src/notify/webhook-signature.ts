// Standard Webhooks 1.0.0: HMAC-SHA256 over id, timestamp and body. During a rotation a call carries a signature of each secret.
import { createHmac } from 'node:crypto';
import { Problem } from '../domain/problem.ts';
import type { Secret } from '../kit/secret.ts';

/** The specification asks for 24 to 64 random bytes. */
const fewestBytes = 24;

export function signed(id: string, at: Date, body: string, secrets: readonly Secret[]): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const content = `${id}.${timestamp}.${body}`;
  const signatures = secrets.map((secret) =>
    secret.use((bytes) => `v1,${createHmac('sha256', keyOf(bytes)).update(content, 'utf8').digest('base64')}`),
  );
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

function keyOf(secret: Uint8Array): Buffer {
  const text = Buffer.from(secret).toString('utf8').trim();
  const key = Buffer.from(text.replace(/^whsec_/, ''), 'base64');
  if (!text.startsWith('whsec_') || key.length < fewestBytes)
    throw new Problem('invalid-config', {
      message: `a webhook's signing secret is whsec_ and at least ${fewestBytes} random bytes in base64`,
      hint: 'make one: echo "whsec_$(openssl rand -base64 32)"',
    });
  return key;
}

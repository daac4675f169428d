// Calls a webhook: signed events, or the text of a chat. Private addresses only where the estate file says so; metadata services never.
import type { WebhookSpec } from '../estate/notify-spec.ts';
import type { Secret } from '../kit/secret.ts';
import { forbiddenCode } from '../protocols/http/address.ts';
import { type Answer, exchange, isTlsCode, retryAfterMs } from '../protocols/http/exchange.ts';
import { caFile } from './ca-file.ts';
import type { Delivered } from './port.ts';
import { signed } from './webhook-signature.ts';

export type Call = {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
};

const timeoutMs = 20_000;

export async function callWebhook(hook: WebhookSpec, call: Call, signal: AbortSignal): Promise<Answer> {
  return exchange(
    {
      method: call.method,
      url: new URL(call.url),
      headers: { 'content-type': 'application/json', ...call.headers },
      body: Buffer.from(call.body, 'utf8'),
    },
    { reach: hook.private ? 'private' : 'public', ...(hook.ca === undefined ? {} : { ca: caFile(hook.ca, 'notify') }) },
    { timeoutMs, signal },
  );
}

export type EventCall = { readonly id: string; readonly body: string; readonly secrets: readonly Secret[]; readonly now: Date };

/** The timestamp is that of the attempt: a receiver refuses what is older than its replay window. */
export async function sendEvent(hook: WebhookSpec, { id, body, secrets, now }: EventCall, signal: AbortSignal): Promise<Delivered> {
  const answer = await callWebhook(hook, { method: 'POST', url: hook.url, body, headers: signed(id, now, body, secrets) }, signal);
  return outcomeOf(answer, now);
}

/** Every 2xx is taken; 410 says never again; all else may be mended: a receiver that is being deployed answers 404 for a minute. */
export function outcomeOf(answer: Answer, now: Date): Delivered {
  if (answer.kind !== 'answered') {
    if (answer.code === forbiddenCode)
      return { kind: 'dead', reason: 'the address is private or a metadata service: say private: true where that is meant' };
    return {
      kind: 'again',
      reason: isTlsCode(answer.code) ? `its certificate is not accepted (${answer.code})` : `no answer (${answer.code})`,
    };
  }
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: 'sent' };
  if (status === 410) return { kind: 'dead', reason: 'the receiver answered 410: it wants no more calls' };
  const afterMs = retryAfterMs(answer.headers, now);
  return { kind: 'again', reason: `answered ${status}`, ...(afterMs === undefined ? {} : { afterMs }) };
}

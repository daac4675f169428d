// Posts to a room. Where the room can change a message, a run keeps one that is brought up to date; else a message per change.
import type { WebhookSpec } from '../estate/notify-spec.ts';
import type { Delivered } from './port.ts';
import { callWebhook, outcomeOf } from './webhook.ts';

export type Post = {
  readonly text: string;
  /** The id of the run's message, where there is one already. */
  readonly earlier: string | undefined;
  readonly now: Date;
};

export async function post(hook: WebhookSpec, { text, earlier, now }: Post, signal: AbortSignal): Promise<Delivered> {
  const body = JSON.stringify({ [hook.field]: text });
  if (hook.edit !== undefined && earlier !== undefined) {
    const url = hook.edit.url.replace('{id}', encodeURIComponent(earlier));
    const answer = await callWebhook(hook, { method: hook.edit.method, url, body }, signal);
    // Somebody deleted it: the next one is posted anew.
    if (answer.kind !== 'answered' || answer.status !== 404) return outcomeOf(answer, now);
  }
  const answer = await callWebhook(hook, { method: 'POST', url: hook.url, body }, signal);
  const outcome = outcomeOf(answer, now);
  if (outcome.kind !== 'sent' || hook.edit === undefined || answer.kind !== 'answered') return outcome;
  const remote = idIn(answer.body, hook.edit.id);
  return remote === undefined ? outcome : { kind: 'sent', remote };
}

function idIn(body: Buffer, field: string): string | undefined {
  try {
    const answer = JSON.parse(body.toString('utf8')) as Record<string, unknown> | null;
    const id = answer?.[field];
    return typeof id === 'string' || typeof id === 'number' ? String(id).slice(0, 200) : undefined;
  } catch {
    return undefined;
  }
}

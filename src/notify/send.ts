// Sends what is due. A message is held while it is on its way, so no two workers send it at once; one whose worker died is sent again under the same id.
import { Problem } from '../domain/problem.ts';
import { giveUpAfterMs, waitAfter } from './back-off.ts';
import type { Delivered, NoticeStore, Outgoing } from './port.ts';

export type Send = {
  readonly store: NoticeStore;
  readonly deliver: (message: Outgoing) => Promise<Delivered>;
  readonly now: () => Date;
  readonly random: () => number;
};

/** Longer than any delivery may take (a minute): a hold that ran out means that its worker is gone. */
const holdMs = 120_000;
const atOnce = 16;

/** Answers how many were tried. */
export async function sendDue(deps: Send): Promise<number> {
  const now = deps.now();
  const messages = await deps.store.claim(now, new Date(now.getTime() + holdMs), atOnce);
  await Promise.all(messages.map((message) => sendOne(deps, message)));
  return messages.length;
}

async function sendOne(deps: Send, message: Outgoing): Promise<void> {
  const how = await deps.deliver(message).catch(
    (error: unknown): Delivered => ({
      kind: 'again',
      reason: error instanceof Problem ? error.message : 'an unexpected error: look into the log of the worker',
    }),
  );
  const now = deps.now();
  if (how.kind === 'sent') {
    if (how.remote !== undefined) await deps.store.rememberPost(message.channel, message.thread, how.remote);
    return deps.store.settle(message, { state: 'sent', reason: null, at: now });
  }
  const wait = how.kind === 'again' ? Math.max(how.afterMs ?? 0, waitAfter(message.tries, deps.random())) : 0;
  const at = new Date(now.getTime() + wait);
  const over = at.getTime() - message.createdAt.getTime() > giveUpAfterMs;
  if (how.kind === 'again' && !over) return deps.store.settle(message, { state: 'ready', reason: how.reason, at });
  return deps.store.settle(message, {
    state: 'dead',
    reason: over ? `given up after ${message.tries} attempts: ${how.reason}` : how.reason,
    at: now,
  });
}

// From waiting notices to messages: one per recipient and conversation, in order, under the gravest of their templates.
import type { NoticeKind, Recipient, Waiting } from './port.ts';

export type Bundle = Recipient & { readonly thread: string; readonly template: NoticeKind; readonly notices: readonly Waiting[] };

const gravest: readonly NoticeKind[] = ['decision', 'trouble', 'finished', 'progress', 'credential'];

/** A conversation goes out as a whole as soon as one notice of it is due: what waits beside it would only come later as a second message. */
export function bundle(waiting: readonly Waiting[], now: Date): readonly Bundle[] {
  const conversations = new Map<string, Waiting[]>();
  for (const notice of waiting) {
    // What is somebody's own never goes along with the plan's reason and the run's state.
    const key = JSON.stringify([notice.channel, notice.person, notice.thread, notice.kind === 'credential']);
    conversations.set(key, [...(conversations.get(key) ?? []), notice]);
  }
  return [...conversations.values()].flatMap((notices) => {
    const [first] = notices;
    if (first === undefined || !notices.some(({ dueAt }) => dueAt <= now)) return [];
    const template = gravest.find((kind) => notices.some((notice) => notice.kind === kind)) ?? 'progress';
    return [{ channel: first.channel, person: first.person, thread: first.thread, template, notices }];
  });
}

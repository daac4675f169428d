// Notices and triggers as the doors see them.
import type { Caller } from '../access/caller.ts';
import type { MessageState, MessageView } from '../domain/message-view.ts';
import type { Paged } from '../domain/view.ts';

export type Preview = { readonly subject: string; readonly text: string; readonly html: string };

export interface NoticeServices {
  notices(
    caller: Caller,
    query: { readonly cursor?: string; readonly limit: number; readonly state?: MessageState },
  ): Promise<Paged<MessageView>>;
  /** A template with made-up content. */
  previewNotice(caller: Caller, template: string): Promise<Preview>;
  /** Sends one message now, past the outbox, and says how that went. */
  testNotice(caller: Caller, channel: string, to?: string): Promise<{ readonly sent: boolean; readonly reason: string | null }>;
}

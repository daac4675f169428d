// Notices and triggers as the doors see them.
import type { Caller } from '../access/caller.ts';
import type { Paged } from '../domain/view.ts';

export const messageStates = ['ready', 'sending', 'sent', 'dead', 'withdrawn'] as const;
export type MessageView = {
  readonly id: string;
  readonly channel: string;
  readonly person: string | null;
  readonly address: string | null;
  /** The plan it is about. */
  readonly thread: string;
  readonly template: string;
  readonly state: (typeof messageStates)[number];
  readonly tries: number;
  readonly reason: string | null;
  readonly createdAt: string;
  readonly sentAt: string | null;
  readonly nextAt: string | null;
};
export type Preview = { readonly subject: string; readonly text: string; readonly html: string };

export interface NoticeServices {
  notices(
    caller: Caller,
    query: { readonly cursor?: string; readonly limit: number; readonly state?: MessageView['state'] },
  ): Promise<Paged<MessageView>>;
  /** A template with made-up content. */
  previewNotice(caller: Caller, template: string): Promise<Preview>;
  /** Sends one message now, past the outbox, and says how that went. */
  testNotice(caller: Caller, channel: string, to?: string): Promise<{ readonly sent: boolean; readonly reason: string | null }>;
}

// A message to somebody outside, as people read it: who it went to, what it is about, how far it is.
export const messageStates = ['ready', 'sending', 'sent', 'dead', 'withdrawn'] as const;
export type MessageState = (typeof messageStates)[number];

/** Instants are ISO. `nextAt`: the next attempt, while one is due. `thread`: the plan it is about. */
export type MessageView = {
  readonly id: string;
  readonly channel: string;
  readonly person: string | null;
  readonly address: string | null;
  readonly thread: string;
  readonly template: string;
  readonly state: MessageState;
  readonly tries: number;
  readonly reason: string | null;
  readonly createdAt: string;
  readonly sentAt: string | null;
  readonly nextAt: string | null;
};

// GitHub's record of a secret: when it was last written, and who may use it. Never its value.
import { done, type Outcome, refused } from '../../kit/kit.ts';
import type { Ask } from '../../protocols/http/ask.ts';
import { textAt } from '../../protocols/http/call.ts';
import type { Place } from './reference.ts';

/** `visibility` only of an organisation's secret. */
export type Stored = { readonly updatedAt: string; readonly visibility: string | undefined; readonly date: Date | undefined };

export async function readStored(ask: Ask, { secrets, name, ref }: Place): Promise<Outcome<Stored>> {
  const answer = await ask({ method: 'GET', path: [...secrets, name] }, [200]);
  if (answer.kind !== 'done') return answer;
  const updatedAt = textAt(answer.value.body, 'updated_at');
  if (updatedAt === undefined) return refused('protocol', `${ref}: the answer is not that of GitHub`);
  return done({ updatedAt, visibility: textAt(answer.value.body, 'visibility'), date: answer.value.date });
}

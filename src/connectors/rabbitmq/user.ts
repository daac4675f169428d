// One user as the broker describes it, checked. Its hash is compared here and never shown.
import { z } from 'zod';
import { type AccountRef, done, type Outcome } from '../../kit/kit.ts';
import type { Limits } from '../../protocols/tcp/dial.ts';
import { type Api, pathOf } from './api.ts';
import { isSuccess, oddAnswer, outcomeOf } from './fault.ts';

/** Up to 3.8 tags are one text with commas. What we read is what we write back: a change of a user replaces it whole. */
const tags = z.union([z.array(z.string()), z.string()]);

const described = z.looseObject({
  name: z.string(),
  tags,
  password_hash: z.string().default(''),
  hashing_algorithm: z.string().default(''),
  limits: z.union([z.record(z.string(), z.number()), z.array(z.unknown())]).optional(),
});

export type User = {
  readonly name: string;
  readonly tags: z.infer<typeof tags>;
  readonly tagList: readonly string[];
  /** Empty: no password opens it. */
  readonly hash: string;
  readonly algorithm: string;
  /** Connections it may have open; `undefined`: as many as it likes. */
  readonly mostConnections: number | undefined;
};

export function userIn(json: unknown): User | undefined {
  const read = described.safeParse(json);
  if (!read.success) return undefined;
  const { name, password_hash: hash, hashing_algorithm: algorithm, limits } = read.data;
  const most = limits === undefined || Array.isArray(limits) ? undefined : limits['max-connections'];
  const written = read.data.tags;
  const list = (typeof written === 'string' ? written.split(',') : written).map((tag) => tag.trim()).filter((tag) => tag !== '');
  return { name, tags: written, tagList: list, hash, algorithm, mostConnections: most };
}

export async function readUser(
  api: Api,
  account: Pick<AccountRef, 'id'>,
  limits?: Limits,
): Promise<Outcome<{ readonly user: User; readonly now: Date | undefined }>> {
  const answer = await api.call('GET', pathOf('users', account.id), undefined, limits);
  if (!isSuccess(answer)) return outcomeOf(answer);
  const user = userIn(answer.json);
  return user === undefined ? oddAnswer() : done({ user, now: answer.date });
}

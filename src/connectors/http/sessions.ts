// Sessions and tokens that outlive a change: ended by the API's own call, counted again afterwards where it can list them.
import { type AccountRef, type Capabilities, done, type Outcome, refused, type Session } from '../../kit/kit.ts';
import { lacks } from './answer.ts';
import type { Api } from './api.ts';
import type { Config } from './config.ts';
import { at, dateAt, textAt } from './pointer.ts';
import { accountValues } from './request.ts';
import { namesIn, textsIn } from './template.ts';

type Sessions = NonNullable<Config['sessions']>;

export function sessions(api: Api, block: Sessions): Capabilities['sessions'] {
  const residual = block.residualSeconds === undefined ? {} : { residualMs: block.residualSeconds * 1000 };
  const list = async (account: AccountRef): Promise<Outcome<readonly Session[]>> =>
    block.list === undefined ? refused('unsupported', 'the estate file describes no list of sessions') : listed(api, block.list, account);
  return {
    list,
    async end(account, before) {
      if (block.list === undefined) return endAll(api, block, account, before, residual);
      const open = await list(account);
      if (open.kind !== 'done') return open;
      const old = open.value.filter(({ startedAt }) => startedAt < before);
      if (old.length === 0) return done({ ended: 0, left: 0 });
      const each = [block.end.path, ...textsIn(block.end.json).map(({ text }) => text), ...Object.values(block.end.form ?? {})].some(
        (text) => namesIn(text).includes('session'),
      );
      for (const { id } of each ? old : old.slice(0, 1)) {
        const ended = await api.write(block.end, { values: { ...accountValues(account), session: id, before: before.toISOString() } });
        // One that has gone by itself is counted below.
        if (ended.kind !== 'done' && ended.fault.code !== 'not-found') return ended;
      }
      const after = await list(account);
      if (after.kind !== 'done') return after;
      const left = after.value.filter(({ startedAt }) => startedAt < before).length;
      return done({ ended: old.length - left, left, ...(left > 0 ? residual : {}) });
    },
  };
}

/** Without a list nobody can count: the confirmed call is what is known, and tokens live on for as long as the estate file says. */
async function endAll(
  api: Api,
  block: Sessions,
  account: AccountRef,
  before: Date,
  residual: { readonly residualMs?: number },
): ReturnType<Capabilities['sessions']['end']> {
  const ended = await api.write(block.end, { values: { ...accountValues(account), before: before.toISOString() } });
  if (ended.kind !== 'done') return ended;
  const count = block.end.ended === undefined ? undefined : at(ended.value.json, block.end.ended);
  return done({ ended: typeof count === 'number' ? count : 0, left: residual.residualMs === undefined ? 0 : 1, ...residual });
}

async function listed(api: Api, block: NonNullable<Sessions['list']>, account: AccountRef): Promise<Outcome<readonly Session[]>> {
  const read = await api.read(block, { values: accountValues(account) });
  if (read.kind !== 'done') return read;
  const items = at(read.value.json, block.items);
  if (!Array.isArray(items)) return refused('protocol', 'the answer holds no list where config.sessions.list.items points');
  const found: Session[] = [];
  for (const item of items) {
    const id = textAt(item, block.id);
    const startedAt = dateAt(item, block.startedAt);
    if (id === undefined || startedAt === undefined) return lacks('identifier or start of a session');
    found.push({ id, startedAt, from: block.from === undefined ? '' : (textAt(item, block.from) ?? ''), own: false });
  }
  return done(found);
}

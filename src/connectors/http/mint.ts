// Keys that the API makes and holds side by side: sealed as soon as the answer is here, found again by their label, retired for certain.
import { type AccountRef, type Capabilities, done, indeterminate, type Outcome, refused, type Slot } from '../../kit/kit.ts';
import { lacks, seenOf } from './answer.ts';
import type { Api } from './api.ts';
import type { Config } from './config.ts';
import { pairText } from './pair.ts';
import { at, dateAt, textAt } from './pointer.ts';
import { accountValues } from './request.ts';
import { classify, meaning } from './rules.ts';

type Mint = NonNullable<Config['mint']>;

export function dualSecret(api: Api, mint: Mint): Capabilities['dualSecret'] {
  const list = (account: AccountRef): Promise<Outcome<readonly Slot[]>> => listed(api, mint.list, account);
  return {
    list,
    async issue(account, sealer, label) {
      const { issue } = mint;
      const written = await api.write(issue, { values: { ...accountValues(account), label } });
      if (written.kind !== 'done') return written;
      const slot = textAt(written.value.json, issue.slot);
      const secret = textAt(written.value.json, issue.secret);
      // The API says that it made one: without it in hand, the slot has to be found and retired.
      if (slot === undefined || secret === undefined) return lacks(slot === undefined ? 'identifier of the key' : 'key');
      return done({ slot, secret: await sealer.seal(slot, Buffer.from(issue.pair ? pairText(slot, secret) : secret)) });
    },
    async retire(account, slot) {
      const { retire } = mint;
      const values = { ...accountValues(account), slot };
      const answer = await api.answer(retire, { values });
      if (answer.kind === 'answered' && classify(meaning(retire.absent, true), seenOf(answer)) === true)
        return absent(await list(account), slot);
      const written = api.writing(answer, retire);
      return written.kind === 'done' ? done(undefined) : written;
    },
  };
}

/** "Not there" is also what a wrong path answers: the list decides. */
function absent(slots: Outcome<readonly Slot[]>, slot: string): Outcome<void> {
  if (slots.kind !== 'done') return indeterminate(slots.fault.code, `the key may be gone, the list does not say: ${slots.fault.message}`);
  if (!slots.value.some((each) => each.slot === slot)) return done(undefined);
  return refused('not-found', 'the API does not find the key that it lists: check config.mint.retire.path');
}

async function listed(api: Api, block: Mint['list'], account: AccountRef): Promise<Outcome<readonly Slot[]>> {
  const read = await api.read(block, { values: accountValues(account) });
  if (read.kind !== 'done') return read;
  const items = at(read.value.json, block.items);
  if (!Array.isArray(items)) return refused('protocol', 'the answer holds no list where config.mint.list.items points');
  const slots: Slot[] = [];
  for (const item of items) {
    if (block.live !== undefined && at(item, block.live.pointer) !== block.live.equals) continue;
    const slot = textAt(item, block.slot);
    if (slot === undefined) return refused('protocol', 'a key of the list has no identifier where the estate file says');
    const label = block.label === undefined ? undefined : textAt(item, block.label);
    const createdAt = block.createdAt === undefined ? undefined : dateAt(item, block.createdAt);
    const expiresAt = block.expiresAt === undefined ? undefined : dateAt(item, block.expiresAt);
    slots.push({
      slot,
      ...(label === undefined ? {} : { label }),
      ...(createdAt === undefined ? {} : { createdAt }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    });
  }
  return done(slots);
}

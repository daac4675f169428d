// Writes about one account: set its secret, block and unblock it. Done is what the estate file calls done.
import { type AccountRef, type Capabilities, done, type Outcome, type Secret } from '../../kit/kit.ts';
import type { Api } from './api.ts';
import type { Answers, Call } from './call.ts';
import type { Config } from './config.ts';
import { accountValues } from './request.ts';

async function write(api: Api, call: Call & Answers, account: AccountRef, secret?: Secret): Promise<Outcome<void>> {
  const written = await api.write(call, { values: accountValues(account), ...(secret === undefined ? {} : { secret }) });
  return written.kind === 'done' ? done(undefined) : written;
}

export function setSecret(api: Api, call: NonNullable<Config['set']>): Capabilities['setSecret'] {
  return { set: (account, secret) => write(api, call, account, secret) };
}

export function contain(api: Api, { block, unblock }: NonNullable<Config['contain']>): Capabilities['contain'] {
  return { block: (account) => write(api, block, account), unblock: (account) => write(api, unblock, account) };
}

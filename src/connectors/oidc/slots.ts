// The secret of a client as its only slot: the provider makes the next one, and the one before is dead from that moment.
import { type Capabilities, done, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import type { Client } from './config.ts';
import { heldText } from './held-text.ts';
import type { Provider } from './provider.ts';
import type { Record7592, Registration, Replaced } from './registration.ts';

export function dualSecret(provider: Provider): Capabilities['dualSecret'] {
  const opened = async (account: { system: string; id: string; name: string }): Promise<Outcome<Opened>> => {
    const client = provider.client(account);
    if (client.kind !== 'done') return client;
    const registration = provider.registration(client.value);
    if (registration.kind !== 'done') return registration;
    const record = await registration.value.read();
    return record.kind === 'done' ? done({ client: client.value, registration: registration.value, record: record.value }) : record;
  };
  return {
    async list(account) {
      const read = await opened(account);
      if (read.kind !== 'done') return read;
      const { slot, expiresAt } = read.value.record;
      return done(slot === undefined ? [] : [{ slot, ...(expiresAt === undefined ? {} : { expiresAt }) }]);
    },
    async issue(account, sealer) {
      const read = await opened(account);
      // Nothing was written yet.
      if (read.kind !== 'done') return refused(read.fault.code, read.fault.message, read.fault);
      const { client } = read.value;
      const replaced = await replace(read.value);
      if (replaced.kind !== 'done') return replaced;
      const { slot, text, token } = replaced.value;
      // A replaced registration token exists nowhere but in this answer: it is sealed with the secret.
      const value =
        token === undefined ? text : JSON.stringify({ client_id: client.id, client_secret: text, registration_access_token: token });
      const secret = await sealer.seal(slot, Buffer.from(value));
      provider.keep(client, heldText('current', text));
      return done({ slot, secret });
    },
    async retire(account, slot) {
      const read = await opened(account);
      if (read.kind !== 'done') return read;
      if (read.value.record.slot !== slot) return done(undefined);
      // The only secret cannot be taken away: it is replaced by one that nobody is given.
      const replaced = await replace(read.value);
      if (replaced.kind !== 'done') return replaced;
      provider.keep(read.value.client, heldText('current', replaced.value.text));
      return done(undefined);
    },
  };
}

type Opened = { readonly client: Client; readonly registration: Registration; readonly record: Record7592 };
type Fresh = { readonly slot: string; readonly text: string; readonly token: string | undefined };

async function replace({ registration, record }: Opened): Promise<Outcome<Fresh>> {
  const answer = await registration.replace(record);
  if (answer.kind !== 'done') return answer;
  const { record: after, token } = answer.value as Replaced;
  if (after.secret === undefined || after.slot === undefined)
    return indeterminate('protocol', 'the provider took the registration and does not show the secret of the client');
  if (after.slot === record.slot)
    return refused(
      'unsupported',
      'the provider keeps the secret of a client when its registration is written: replace it with its own tools',
    );
  return done({ slot: after.slot, text: after.secret.text((text) => text), token });
}

/** What a client sends: the sealed value is the secret itself, or holds it beside a replaced registration token. */
export function secretWithin(text: string): string {
  if (!text.startsWith('{')) return text;
  try {
    const { client_secret: inner } = JSON.parse(text) as { client_secret?: unknown };
    return typeof inner === 'string' ? inner : text;
  } catch {
    return text;
  }
}

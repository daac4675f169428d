// Writes a run's live secrets into one age file: approved by enough people, exactly what they approved, on record before the first byte.
import { createHash, type Hash } from 'node:crypto';
import { ReadableStream } from 'node:stream/web';
import { entryLine } from '../domain/entry.ts';
import { shortId } from '../domain/id.ts';
import { canonical } from '../domain/json.ts';
import { Problem } from '../domain/problem.ts';
import { parseSelector } from '../domain/selector/parse.ts';
import { printSelector } from '../domain/selector/print.ts';
import type { DeliveryStore, HandoverRecord, LiveRow, OpenSecret } from './port.ts';
import { encrypterTo, readRecipients } from './recipients.ts';

export type HandoverRequest = { readonly run: string; readonly where?: string; readonly recipients: readonly string[] };
export type HandoverDeps = {
  readonly store: DeliveryStore;
  readonly openSecret: OpenSecret;
  readonly estate: string;
  readonly now: () => Date;
  /** Cryptographically random bytes. */
  readonly random: (length: number) => Uint8Array;
  /** Throws approval-missing, naming the id, until enough approvers signed this hash. */
  readonly assertApproved: (subject: {
    readonly kind: 'handover';
    readonly id: string;
    readonly hash: string;
    readonly createdBy: string;
    readonly expiresAt: Date;
    readonly tier0: false;
  }) => Promise<unknown>;
};
type Caller = { readonly name: string; readonly custodian: boolean };
export type Handover = { readonly id: string; readonly age: AsyncIterable<Uint8Array> };

/** A day: long enough to find a second person, short enough that nobody forgets what was asked. */
const validMs = 24 * 60 * 60 * 1000;

/** Asked again with the same words it finds its own request; approvals are over its hash, which binds every account and version. */
export async function handover(deps: HandoverDeps, caller: Caller, request: HandoverRequest): Promise<Handover> {
  const { store } = deps;
  const recipients = await readRecipients(request.recipients);
  const where = printSelector(parseSelector(request.where ?? 'all'));
  const audit = (data: { [key: string]: string | number | readonly string[] }): string =>
    entryLine('handover', deps.now(), { run: request.run, where, recipients, by: caller.name, ...data });
  if (!caller.custodian) {
    await store.audit([audit({ outcome: 'refused: not a custodian' })]);
    throw new Problem('not-permitted', {
      message: `${caller.name} may not hand over secrets: only a custodian may`,
      hint: 'ask someone who holds the keyring',
    });
  }
  if (!(await store.hasRun(request.run)))
    throw new Problem('not-found', { message: `there is no run ${request.run}`, hint: 'run: rekey run ls' });
  const rows = (): AsyncIterable<readonly LiveRow[]> => store.live(request.run, where, deps.now());
  const contents = new Contents();
  for await (const page of rows()) for (const row of page) contents.add(row);
  if (contents.count === 0)
    throw new Problem('not-found', {
      message: `run ${request.run} set no secret that is live now and matches ${where}`,
      hint: `see its items: rekey run items ${request.run}`,
    });
  const text = canonical({
    kind: 'handover',
    estate: deps.estate,
    by: caller.name,
    run: request.run,
    where,
    recipients,
    count: contents.count,
    contents: contents.digest(),
  });
  const record = await requestOf(deps, caller, text);
  const { id, hash } = record;
  await deps.assertApproved({ kind: 'handover', id, hash, createdBy: record.createdBy, expiresAt: record.expiresAt, tier0: false });
  const line = audit({ outcome: 'written', handover: id, hash, count: contents.count });
  if (!(await store.takeHandover(id, deps.now(), [line])))
    throw new Problem('conflict', {
      message: `hand-over ${id} was written before; one approval is good for one file`,
      hint: 'run the command again for a new request',
    });
  return { id, age: await encrypted(recipients, ndjson(deps, rows(), contents.digest())) };
}

async function requestOf(deps: HandoverDeps, caller: Caller, request: string): Promise<HandoverRecord> {
  const hash = createHash('sha256').update(request).digest('hex');
  const now = deps.now();
  const open = await deps.store.openHandover(hash, now);
  if (open !== undefined) return open;
  const record = {
    id: shortId('H', deps.random(8)),
    hash,
    request,
    createdBy: caller.name,
    createdAt: now,
    expiresAt: new Date(now.getTime() + validMs),
  };
  await deps.store.createHandover(record);
  return { ...record, writtenAt: null };
}

/** Which accounts and versions a file holds, without a secret or a hash of one. */
class Contents {
  readonly #hash: Hash = createHash('sha256');
  count = 0;
  #digest: string | undefined;

  add({ account, row }: LiveRow): void {
    this.#hash.update(`${canonical([account.system, account.id, row.version])}\n`);
    this.count += 1;
  }

  digest(): string {
    this.#digest ??= this.#hash.digest('hex');
    return this.#digest;
  }
}

/** Ends in an error, and so in a file that does not decrypt to its end, when the rows are not those that were approved. */
async function* ndjson(deps: HandoverDeps, pages: AsyncIterable<readonly LiveRow[]>, approved: string): AsyncIterable<Uint8Array> {
  const contents = new Contents();
  for await (const page of pages)
    for (const live of page) {
      contents.add(live);
      const { system, name } = live.account;
      const secret = await deps.openSecret(live.account.key, live.row);
      yield secret.text((text) =>
        Buffer.from(`${canonical({ system, account: name, secret: text, version: live.row.version })}\n`, 'utf8'),
      );
    }
  if (contents.digest() !== approved)
    throw new Problem('plan-stale', {
      message: 'secrets changed while the hand-over was written: the file is not complete',
      hint: 'delete it and ask for a new hand-over',
    });
}

/** age encrypts in chunks of 64 KiB and asks for the next row only when its reader asks for more: memory does not grow with the run. */
async function encrypted(recipients: readonly string[], plain: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const source: globalThis.ReadableStream<Uint8Array> = ReadableStream.from(plain);
  const out = await encrypterTo(recipients).encrypt(source);
  return pulled(out.getReader());
}

async function* pulled(reader: {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  cancel(reason?: unknown): Promise<void>;
}): AsyncIterable<Uint8Array> {
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || value === undefined) {
        ended = true;
        return;
      }
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel().catch(() => undefined);
  }
}

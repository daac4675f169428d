// From an outgoing message to the channel that carries it: templates, secrets of the estate file and protocols meet here.
import { canonical, type Json } from '../domain/json.ts';
import { Problem } from '../domain/problem.ts';
import type { NotifySpec, WebhookSpec } from '../estate/notify-spec.ts';
import type { Secret, SecretRef } from '../kit/secret.ts';
import { post } from '../notify/chat.ts';
import type { Letter } from '../notify/letter.ts';
import { sendMail } from '../notify/mail.ts';
import type { Delivered, NoticeStore, Outgoing } from '../notify/port.ts';
import { type TemplateName, Templates } from '../notify/templates.ts';
import { sendEvent } from '../notify/webhook.ts';
import { resolveSecret } from '../seal/secret-ref.ts';
import type { Parts } from './parts.ts';

export class NoticeChannels {
  readonly #parts: Pick<Parts, 'estate' | 'now'>;
  readonly #store: Pick<NoticeStore, 'posted'>;
  readonly #stopping = new AbortController();
  #templates: Templates | undefined;

  constructor(parts: Pick<Parts, 'estate' | 'now'>, store: Pick<NoticeStore, 'posted'>) {
    this.#parts = parts;
    this.#store = store;
  }

  /** Read at first use: a broken template keeps messages waiting with its place as the reason, and loses none. */
  get templates(): Templates {
    this.#templates ??= new Templates(this.#parts.estate.notify?.templates);
    return this.#templates;
  }

  async deliver(message: Outgoing): Promise<Delivered> {
    const { notify } = this.#parts.estate;
    if (notify === undefined) return { kind: 'dead', reason: 'rekey.yaml has no block "notify" any more' };
    if (message.channel === 'mail') return this.#mail(notify, message);
    const hook = notify.webhooks.find(({ id }) => id === message.channel);
    if (hook === undefined) return { kind: 'dead', reason: `the webhook ${message.channel} left rekey.yaml` };
    return hook.style === 'chat' ? this.#chat(hook, message) : this.#event(hook, message);
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #mail(notify: NotifySpec, message: Outgoing): Promise<Delivered> {
    if (notify.smtp === undefined) return { kind: 'dead', reason: 'rekey.yaml names no mail server (notify.smtp)' };
    if (message.address === null) return { kind: 'dead', reason: 'no mail address is known: add the person under notify.people' };
    const letter = message.body as Letter; // bodies of letters are written by tell() alone
    const rendered = this.templates.render(message.template as TemplateName, letter);
    return sendMail(notify.smtp, await this.#secret(notify.smtp.password), {
      ...rendered,
      id: message.id,
      from: notify.from,
      to: message.address,
      thread: message.thread,
      urgent: letter.urgent,
      at: message.createdAt,
    });
  }

  async #chat(hook: WebhookSpec, message: Outgoing): Promise<Delivered> {
    const { subject, text } = this.templates.render(message.template as TemplateName, message.body as Letter);
    const earlier = hook.edit === undefined ? undefined : await this.#store.posted(message.channel, message.thread);
    return post(hook, { text: `${subject}\n${text}`, earlier, now: this.#parts.now() }, this.#stopping.signal);
  }

  async #event(hook: WebhookSpec, message: Outgoing): Promise<Delivered> {
    const secrets = [await this.#secret(hook.secret), await this.#secret(hook.previous)].filter((secret) => secret !== undefined);
    const call = { id: message.id, body: canonical(message.body as Json), secrets, now: this.#parts.now() };
    return sendEvent(hook, call, this.#stopping.signal);
  }

  async #secret(ref: SecretRef | undefined): Promise<Secret | undefined> {
    if (ref === undefined) return undefined;
    try {
      return await resolveSecret(ref, { folder: this.#parts.estate.folder, env: process.env, timeoutMs: 10_000 });
    } catch (error) {
      throw error instanceof Problem ? error : new Problem('invalid-config', { message: 'a secret of "notify" cannot be read' });
    }
  }
}

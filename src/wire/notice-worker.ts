// The worker of notices in one process: looks every second, sends what is due, and says at its end what was left only to the outbox.
import { randomBytes } from 'node:crypto';
import { ableToApprove, approvalStatus } from '../approve/approval-status.ts';
import { Problem } from '../domain/problem.ts';
import type { ApprovalFacts } from '../notify/port.ts';
import { sendDue } from '../notify/send.ts';
import { tell } from '../notify/tell.ts';
import { noticeStore } from '../store/notices.ts';
import { waitingCredentials } from '../store/waiting-credentials.ts';
import { approvalParts } from './approval-services.ts';
import { NoticeChannels } from './notice-channels.ts';
import type { Parts } from './parts.ts';

const everyMs = 1000;
/** Counting a run's items in doubt costs tens of milliseconds at 100,000 of them: every tenth pass keeps that below half a percent. */
const lookEvery = 10;
/** A command that ran in its own process ends: what it caused is sent if that is quick, else by the next worker. */
const lastMs = 3000;

export class NoticeWorker {
  readonly #parts: Parts;
  readonly #channels: NoticeChannels;
  #passes = 0;
  #timer: NodeJS.Timeout | undefined;
  #pass: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#channels = new NoticeChannels(parts, noticeStore(parts.store));
  }

  start(): void {
    this.#timer = setInterval(() => void this.#once(), everyMs);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    await Promise.race([this.#once().then(() => this.#once()), new Promise((resolve) => setTimeout(resolve, lastMs).unref())]);
    this.#channels.stop();
    await this.#pass;
  }

  /** One pass at a time; a failed one is reported and the next second tries again. */
  #once(): Promise<void> {
    this.#pass ??= this.#work()
      .catch((error: unknown) => this.#parts.report(error))
      .finally(() => {
        this.#pass = undefined;
      });
    return this.#pass;
  }

  async #work(): Promise<void> {
    const { estate, demo, now } = this.#parts;
    const store = noticeStore(this.#parts.store);
    await tell({
      store,
      employees: waitingCredentials(this.#parts.store),
      fetching: estate.delivery,
      notify: estate.notify,
      estate: estate.name,
      demo,
      look: this.#passes++ % lookEvery === 0,
      now,
      newId: () => `msg_${randomBytes(16).toString('hex')}`,
      approvals: (plan) => approvalFacts(this.#parts, plan),
    });
    if (estate.notify === undefined) return;
    const send = {
      store,
      now,
      random: Math.random,
      deliver: (message: Parameters<NoticeChannels['deliver']>[0]) => this.#channels.deliver(message),
    };
    while ((await sendDue(send)) > 0);
  }
}

/** A plan that was tampered with has no approvals that count: its own page says so, and other plans are told of. */
async function approvalFacts(parts: Parts, plan: string): Promise<ApprovalFacts> {
  const { deps, subject } = approvalParts(parts);
  try {
    const about = await subject(plan);
    const status = await approvalStatus(deps, about);
    return { needed: status.needed, given: status.given.map(({ name }) => name), able: await ableToApprove(deps, about, status) };
  } catch (error) {
    if (error instanceof Problem) return { needed: 0, given: [], able: [] };
    throw error;
  }
}

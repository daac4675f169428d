// Notices, wired for the doors.
import { randomBytes } from 'node:crypto';
import { isMailbox } from '../domain/mailbox.ts';
import { Problem } from '../domain/problem.ts';
import type { NoticeServices } from '../http/notice-services.ts';
import { eventBody } from '../notify/event-body.ts';
import { letterOf } from '../notify/letter.ts';
import type { NoticeKind, Outgoing, PlanFacts } from '../notify/port.ts';
import { templateNames } from '../notify/templates.ts';
import { noticePage } from '../store/notice-page.ts';
import { noticeStore } from '../store/notices.ts';
import { NoticeChannels } from './notice-channels.ts';
import type { Parts } from './parts.ts';

const minute = 60_000;

export function noticeServices(parts: Parts): NoticeServices {
  const { estate, demo, store, now } = parts;
  const letter = (person: string, kind: NoticeKind) =>
    letterOf(
      [
        {
          kind,
          urgent: false,
          body: {
            at: now().toISOString(),
            headline: 'An example of what happened',
            why: 'This line says why',
            can: ['This line says what you can do: rekey run show R-EXAMPLE1'],
            until: new Date(now().getTime() + 60 * minute).toISOString(),
          },
        },
      ],
      example(now()),
      {
        estate: estate.name,
        demo,
        person,
        timezone: estate.notify?.timezone ?? 'UTC',
        ...(estate.notify?.publicUrl === undefined ? {} : { publicUrl: estate.notify.publicUrl }),
      },
    );
  return {
    notices: (_caller, query) => noticePage(store, query),
    previewNotice: async (caller, name) => {
      const template = templateNames.find((known) => known === name);
      if (template === undefined)
        throw new Problem('not-found', {
          message: `there is no template ${name.slice(0, 60)}`,
          hint: `templates are ${templateNames.join(', ')}`,
        });
      const channels = new NoticeChannels(parts, noticeStore(store));
      return channels.templates.render(template, letter(caller.name, template === 'test' ? 'progress' : template));
    },
    testNotice: async (caller, channel, to) => {
      const { notify } = estate;
      if (notify === undefined)
        throw new Problem('invalid-config', { message: 'rekey.yaml has no block "notify"', hint: 'see docs/notifications.md' });
      const hook = notify.webhooks.find(({ id }) => id === channel);
      if (channel !== 'mail' && hook === undefined)
        throw new Problem('not-found', {
          message: `there is no channel ${channel}`,
          hint: `channels are ${['mail', ...notify.webhooks.map(({ id }) => id)].join(', ')}`,
        });
      const address = to ?? notify.people.find(({ name }) => name === caller.name)?.mail ?? caller.name;
      if (channel === 'mail' && !isMailbox(address))
        throw new Problem('usage', {
          message: 'to whom? no mail address is known for you',
          hint: `rekey notice test mail --to alice@example.test`,
        });
      const signedEvent = hook?.style === 'rekey';
      const at = now();
      const message: Outgoing = {
        key: '0',
        tries: 1,
        id: `msg_${randomBytes(16).toString('hex')}`,
        channel,
        person: channel === 'mail' ? caller.name : '',
        address: channel === 'mail' ? address : null,
        thread: 'test',
        template: 'test',
        body: signedEvent
          ? {
              ...eventBody({ key: '0', at, kind: 'plan.made', plan: 'P-EXAMPLE1', run: null, detail: {} }, example(at), estate.name, demo),
              type: 'test',
            }
          : letter(caller.name, 'progress'),
        createdAt: at,
      };
      const how = await new NoticeChannels(parts, noticeStore(store)).deliver(message);
      return { sent: how.kind === 'sent', reason: how.kind === 'sent' ? null : how.reason };
    },
  };
}

function example(at: Date): PlanFacts {
  return {
    id: 'P-EXAMPLE1',
    name: 'example',
    reason: 'to show how a message looks',
    incident: null,
    createdBy: 'example',
    expiresAt: new Date(at.getTime() + 60 * minute),
    tier0: false,
    work: 0,
    run: null,
    counts: {},
    endedBefore: null,
  };
}

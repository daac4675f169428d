// What was sent to whom and how that went, how a message looks, and whether a channel works.
import { z } from 'zod';
import { type MessageView, messageStates } from '../domain/message-view.ts';
import type { Api, Door } from './door.ts';
import type { Preview } from './notice-services.ts';
import { plain } from './plain.ts';
import { problemReplies } from './problem-reply.ts';
import { pageOf, pageQuery } from './query.ts';

const messageSchema = z
  .object({
    id: z.string(),
    channel: z.string(),
    person: z.string().nullable(),
    address: z.string().nullable(),
    thread: z.string(),
    template: z.string(),
    state: z.enum(messageStates),
    tries: z.number().int(),
    reason: z.string().nullable(),
    createdAt: z.string(),
    sentAt: z.string().nullable(),
    nextAt: z.string().nullable(),
  })
  .meta({ id: 'Message' }) satisfies z.ZodType<MessageView>;
const previewSchema = z
  .object({ subject: z.string(), text: z.string(), html: z.string() })
  .meta({ id: 'NoticePreview' }) satisfies z.ZodType<Preview>;

export function noticeRoutes(api: Api, { services, caller }: Door): void {
  api.get(
    '/v1/notices',
    {
      config: { needs: 'notice.read' },
      schema: {
        operationId: 'listNotices',
        summary: 'Messages, newest first; state=dead are those that did not reach anybody',
        querystring: pageQuery.extend({ state: z.enum(messageStates).optional() }),
        response: { 200: z.object({ items: z.array(messageSchema), cursor: z.string().exactOptional() }), ...problemReplies },
      },
    },
    async (request) => {
      const { state } = request.query;
      return plain(await services.notices(caller(request), { ...pageOf(request.query), ...(state === undefined ? {} : { state }) }));
    },
  );

  api.get(
    '/v1/notices/templates/:name',
    {
      config: { needs: 'notice.read' },
      schema: {
        operationId: 'previewNotice',
        summary: 'A template of notices with made-up content',
        params: z.strictObject({ name: z.string().min(1).max(100) }),
        response: { 200: previewSchema, ...problemReplies },
      },
    },
    async (request) => plain(await services.previewNotice(caller(request), request.params.name)),
  );

  api.post(
    '/v1/notices/test',
    {
      config: { needs: 'notice.send' },
      schema: {
        operationId: 'testNotice',
        summary: 'Sends a test message over one channel, now',
        body: z.strictObject({ channel: z.string().min(1).max(63), to: z.string().min(1).max(254).exactOptional() }),
        response: { 200: z.object({ sent: z.boolean(), reason: z.string().nullable() }).meta({ id: 'NoticeTest' }), ...problemReplies },
      },
    },
    async (request) => services.testNotice(caller(request), request.body.channel, request.body.to),
  );
}

// Turning the keyring: a new current key, every data key wrapped anew, an old key taken away once nothing needs it.
import { z } from 'zod';
import type { Api, Door } from './door.ts';
import { plain } from './plain.ts';
import { problemReplies } from './problem-reply.ts';

const keyringSchema = z.object({ current: z.string(), keys: z.array(z.string()), rewrapped: z.number().int() }).meta({ id: 'Keyring' });
const changeSchema = z.strictObject({
  /** Makes a new current key first; without it data keys are only wrapped anew. */
  turn: z.boolean().default(false),
  /** Takes this old key away afterwards; refused while a data key still needs it. */
  remove: z.string().min(1).max(64).optional(),
});

export function keyringRoutes(api: Api, { services, caller }: Door): void {
  api.post(
    '/v1/keyring',
    {
      config: { needs: 'keyring.change' },
      schema: {
        operationId: 'changeKeyring',
        summary: 'Turns the keyring, re-wraps every data key, removes an old key',
        body: changeSchema,
        response: { 200: keyringSchema, ...problemReplies },
      },
    },
    async (request) => {
      const { turn, remove } = request.body;
      return plain(await services.changeKeyring(caller(request), { turn, ...(remove === undefined ? {} : { remove }) }));
    },
  );
}

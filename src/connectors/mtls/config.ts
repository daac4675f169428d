// What the estate file says about the servers a client certificate logs in to.
import { z } from 'zod';
import { serverAddress, serverAnswers } from '../../protocols/tls/server-settings.ts';

export const config = z.strictObject({
  ...serverAddress,
  ...serverAnswers,
  replicas: z
    .array(z.strictObject(serverAddress))
    .default([])
    .describe('Every other server that takes the same certificates: each is proved.'),
});
export type Config = z.output<typeof config>;

// The reply of an act that has nothing to show.
import { z } from 'zod';

export const doneSchema = z.object({ done: z.literal(true) }).meta({ id: 'Done' });

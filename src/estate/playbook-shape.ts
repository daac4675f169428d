// The structure of `playbooks`: what a trigger may start, and the most it may do.
import { z } from 'zod';
import { parameterNames } from '../domain/selector/bind.ts';
import { kebab } from './kebab.ts';

const text = (what: string) => z.string(what).trim().min(1, what).max(2000, `${what} of at most 2000 characters`);
const most = (what: string) => z.int(what).min(0, what).max(10_000_000, what);

const playbook = z.strictObject({
  id: z.string('an id').max(63, 'an id of at most 63 characters').regex(kebab, 'an id in lower case, digits and single hyphens'),
  where: text('a selector').meta({ description: 'What is reset. $account, $system and $identity are bound to what the trigger sends.' }),
  mode: z.enum(['contain', 'continuity'], 'contain or continuity').optional().meta({ default: 'contain' }),
  reason: text('a reason').meta({ description: 'Stands in the plan and in the evidence.' }),
  parameters: z
    .array(z.enum(parameterNames, `one of ${parameterNames.join(', ')}`), 'a list of parameters')
    .optional()
    .meta({ description: 'What a trigger must send. Each is used in `where`.' }),
  cap: z.strictObject(
    {
      credentials: most('a number of credentials').meta({ description: 'Most credentials one trigger may change.' }),
      systems: most('a number of systems').meta({ description: 'Most systems one trigger may touch.' }),
      tier0: most('a number of credentials').optional().meta({ description: 'Most credentials of tier 0.', default: 0 }),
    },
    'a block with the most it may do',
  ),
  cooldown: z
    .string('a time such as 15m')
    .regex(/^\d{1,4}[smhd]$/, 'a time such as 15m')
    .optional()
    .meta({ description: 'The same trigger with the same parameters is refused for so long.', default: '0s' }),
  preApproved: z
    .strictObject(
      {
        by: z.array(text('the name of an approver'), 'a list of approvers').min(1, 'at least one approver'),
        until: z.iso.datetime({ offset: true, error: 'a time such as 2027-01-31T00:00:00Z' }),
      },
      'a block that says who approves in advance, and until when',
    )
    .optional()
    .meta({
      description:
        'Left out: every plan of this playbook waits for approval. In force once these people have signed it: rekey playbook approve.',
    }),
});

export const playbooksShape = z
  .array(playbook, 'a list of playbooks')
  .optional()
  .meta({ description: 'What POST /v1/triggers/{playbook} may start.' });

// The calls an estate file may describe, one block for each thing an API can do. A wrong template is an error at its place.
import { z } from 'zod';
import { accountNames, answerFields, type Call, callFaults, callFields, type Uses } from './call.ts';
import { pointer } from './pointer.ts';
import { rules } from './rules.ts';
import { templateFault } from './template.ts';

export const ofAccount: Uses = { names: accountNames, secret: 'never' };
/** A block that is a call with more to it: the call's own rules hold. */
export function withCall<S extends z.ZodType<Call>>(block: S, uses: Uses): S {
  return block.check((context) => {
    for (const { path, message } of callFaults(context.value, uses))
      context.issues.push({ code: 'custom', message, path, input: context.value });
  }) as S;
}
export const write = (uses: Uses) => withCall(z.strictObject({ ...callFields, ...answerFields }), { ...uses, writes: true });
const flag = z.strictObject({ pointer, equals: z.union([z.string(), z.number(), z.boolean()]).default(true) });

const next = z
  .strictObject({
    link: z.literal(true).optional().describe('The Link header, rel="next".'),
    url: pointer.optional().describe('Where the address of the next page stands.'),
    cursor: pointer.optional().describe('Where the cursor of the next page stands; needs param.'),
    page: z.number().int().min(0).optional().describe('Number of the first page; pages are counted until one is empty. Needs param.'),
    param: z.string().min(1).optional().describe('Name of the query parameter that takes the cursor or the number of the page.'),
  })
  .refine((value) => [value.link, value.url, value.cursor, value.page].filter((each) => each !== undefined).length === 1, {
    error: 'one of link, url, cursor, page',
  })
  .refine((value) => (value.cursor === undefined && value.page === undefined) === (value.param === undefined), {
    error: 'param goes with cursor and page, and only with them',
    path: ['param'],
  });

export const accounts = withCall(
  z.strictObject({
    ...callFields,
    items: pointer.describe('The list in the answer.'),
    id: pointer.describe('In an item: the identifier that never changes.'),
    name: pointer.describe('In an item: the name people use.'),
    login: pointer.optional().describe('In an item: what is typed at a login, where that is not the name.'),
    owner: pointer.optional(),
    changedAt: pointer.optional(),
    enabled: flag.optional().describe('Left out: every account is.'),
    privileged: flag.optional().describe('Left out: none is.'),
    kind: z.enum(['human', 'service', 'application', 'agent', 'vendor', 'shared', 'unknown']).default('unknown'),
    facts: z.record(z.string(), pointer).optional().describe('More to show of each account: name and pointer. No secrets.'),
    next: next.optional().describe('How to get the next page. Left out: the list is one answer.'),
  }),
  { names: ['limit'], secret: 'never' },
);

export const mint = z.strictObject({
  issue: withCall(
    z.strictObject({
      ...callFields,
      ...answerFields,
      slot: pointer.describe('In the answer: the identifier of the new key.'),
      secret: pointer.describe('In the answer: the new key.'),
      pair: z.boolean().default(false).describe('What is sealed is {"id": …, "secret": …}, for consumers that need both.'),
    }),
    { names: [...accountNames, 'label'], secret: 'never', writes: true },
  ),
  list: withCall(
    z.strictObject({
      ...callFields,
      items: pointer,
      slot: pointer.describe('In an item: its identifier.'),
      label: pointer.optional().describe('In an item: where {label} of `issue` was stored. Finds a key whose answer was lost.'),
      createdAt: pointer.optional(),
      expiresAt: pointer.optional(),
      live: flag.optional().describe('Left out: every listed key is accepted.'),
    }),
    ofAccount,
  ),
  retire: withCall(
    z.strictObject({
      ...callFields,
      ...answerFields,
      absent: rules.default([404, 410]).describe('Answers that say that the key is gone already.'),
    }),
    { names: [...accountNames, 'slot'], secret: 'never', writes: true },
  ),
});

export const probe = z
  .strictObject({
    ...callFields,
    id: z.string().min(1).default('api').describe('Name of this access path in the report.'),
    secretAs: z
      .union([z.enum(['bearer', 'basic']), z.strictObject({ header: z.string().regex(/^[A-Za-z0-9-]+$/) })])
      .optional()
      .describe('How the secret is presented, where it is not in json or form.'),
    user: z.string().default('{login}').describe('The user name of `secretAs: basic`.'),
    accepted: rules.default([200, 204]).describe('Answers to a right secret.'),
    rejected: rules.default([401]).describe("The API's own answer to a wrong secret, and nothing else."),
    blocked: rules.default([403]).describe('Answers to a right secret of an account that may not log in, or that leave open which it is.'),
    throttled: rules.default([429]),
  })
  .check((context) => {
    const { secretAs, user, ...call } = context.value;
    const names = [...accountNames, 'slot'];
    const say = (path: (string | number)[], message: string): void => {
      context.issues.push({ code: 'custom', message, path, input: context.value });
    };
    for (const { path, message } of callFaults(call, { names, secret: secretAs === undefined ? 'must' : 'never' })) say(path, message);
    const fault = templateFault(user, names);
    if (fault !== undefined) say(['user'], fault);
  });

export const state = withCall(
  z
    .strictObject({
      ...callFields,
      changedAt: pointer.optional().describe('When the secret was last set.'),
      marker: pointer.optional().describe('Something that differs after every change: a version, a time. Left out: changedAt.'),
      usable: flag.optional().describe('Left out: true.'),
    })
    .refine((value) => value.changedAt !== undefined || value.marker !== undefined, { error: 'changedAt or marker' }),
  ofAccount,
);

export const sessions = z.strictObject({
  list: withCall(
    z.strictObject({ ...callFields, items: pointer, id: pointer, startedAt: pointer, from: pointer.optional() }),
    ofAccount,
  ).optional(),
  end: withCall(
    z.strictObject({ ...callFields, ...answerFields, ended: pointer.optional().describe('In the answer: how many were ended.') }),
    { names: [...accountNames, 'session', 'before'], secret: 'never', writes: true },
  ).describe('With {session} in it: one call for each listed session from before the change. Without: one call for all of the account.'),
  residualSeconds: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('How long a token that was handed out before still opens the API after this call.'),
});

export const lockout = z.strictObject({
  threshold: z.number().int().min(0).describe('Failed logins that lock an account; 0 = none do.'),
  windowSeconds: z.number().int().positive().optional(),
  resetsOnSuccess: z.boolean().default(false).describe('A good login clears the count.'),
  failures: withCall(z.strictObject({ ...callFields, count: pointer }), ofAccount)
    .optional()
    .describe('Reads the present count.'),
});

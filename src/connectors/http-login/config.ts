// What the estate file says about a web login: where it is, how the secret is presented, and what its answers mean.
import { z } from 'zod';
import { isLoopback, userTemplate } from '../../kit/settings.ts';
import { pageRules } from '../../protocols/http/page-rule.ts';

const address = z
  .string()
  .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) && new URL(value).username === '', {
    error: 'expected https://host[:port]/path, without user or password',
  });

const common = {
  url: address.describe('basic and bearer: a page behind the login. form: the page with the form.'),
  replicas: z.array(address).default([]).describe('The same page on every other server: each is proved.'),
  user: userTemplate,
  ca: z.string().min(1).optional().describe('PEM file of the CA, relative to the estate file. Left out: the system CAs.'),
  servername: z.string().min(1).optional().describe('Name the certificate must show, where it is not the host of the URL.'),
  insecure: z.boolean().default(false).describe('Allow http:// to another machine: secrets cross the network in the clear.'),
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9-]+$/), z.string())
    .optional()
    .describe('Fixed headers of every call. No secrets.'),
};
const verdicts = {
  accepted: pageRules.default([200, 201, 204]),
  rejected: pageRules.default([401]).describe('The answer to a wrong secret, and nothing else.'),
  blocked: pageRules.default([403]).describe('Right secret, account not usable; or it cannot be told.'),
};

const basic = z.strictObject({ kind: z.literal('basic'), ...common, ...verdicts });
const bearer = z.strictObject({
  kind: z.literal('bearer'),
  ...common,
  ...verdicts,
  scheme: z
    .string()
    .regex(/^[A-Za-z][\w-]*$/)
    .default('Bearer')
    .describe('Some APIs say Token or ApiKey.'),
});
const form = z.strictObject({
  kind: z.literal('form'),
  ...common,
  submit: z.string().min(1).optional().describe('Where the form goes: path or address. Left out: url.'),
  fields: z
    .strictObject({ user: z.string().min(1).default('username'), secret: z.string().min(1).default('password') })
    .prefault({})
    .describe('Names of the two fields.'),
  more: z.record(z.string(), z.string()).optional().describe('Other fields that the form sends, with fixed values.'),
  csrf: z
    .strictObject({
      field: z.string().min(1),
      pattern: z.string().refine(hasOneGroup, { error: 'a regular expression with one group around the token' }),
    })
    .optional()
    .describe('A token that the page with the form holds and the form must send back.'),
  after: z
    .string()
    .min(1)
    .optional()
    .describe('A page for people who are logged in, fetched after the form was sent: then its answer decides, not that of the form.'),
  logout: z.string().min(1).optional().describe('Fetched after an accepted login, so that a probe leaves no session behind.'),
  accepted: pageRules.describe('What only a right secret leads to. A redirect needs its location.'),
  rejected: pageRules.describe('What only a wrong secret leads to.'),
  blocked: pageRules.optional().describe('Right secret, account not usable; or it cannot be told.'),
});

export const config = z.discriminatedUnion('kind', [basic, bearer, form]).check((context) => {
  const settings = context.value;
  const say = (path: (string | number)[], message: string): void => {
    context.issues.push({ code: 'custom', message, path, input: settings });
  };
  for (const [path, each] of [[['url'], settings.url] as const, ...settings.replicas.map((url, n) => [['replicas', n], url] as const)]) {
    const { protocol, hostname } = new URL(each);
    if (protocol === 'http:' && !settings.insecure && !isLoopback(hostname))
      say([...path], 'http:// would send secrets in the clear: use https://, or say insecure: true');
  }
  if (settings.kind !== 'form') return;
  for (const [n, rule] of settings.accepted.entries()) {
    const statuses = typeof rule === 'number' ? [rule] : [rule.status ?? []].flat();
    if (statuses.some((each) => each >= 300 && each < 400) && (typeof rule === 'number' || rule.location === undefined))
      say(['accepted', n], 'a redirect may lead back to the login: say its location');
  }
});
export type Config = z.output<typeof config>;
export type FormConfig = Extract<Config, { kind: 'form' }>;
export type HeaderConfig = Exclude<Config, { kind: 'form' }>;

function hasOneGroup(pattern: string): boolean {
  try {
    // An alternative that is empty always matches, and shows how many groups there are.
    return new RegExp(`${pattern}|`).exec('')?.length === 2;
  } catch {
    return false;
  }
}

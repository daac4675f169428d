// What the estate file says about one HTTP API: where it is, how Rekey logs in, and its calls as data. A slip is an error at its place and no call at night.
import { z } from 'zod';
import { isLoopback, secretRef } from '../../kit/settings.ts';
import { accounts, lockout, mint, ofAccount, probe, sessions, state, withCall, write } from './blocks.ts';
import { accountNames, callFields } from './call.ts';
import { pointer } from './pointer.ts';

const auth = z
  .strictObject({
    bearer: secretRef.optional(),
    basic: z.strictObject({ user: z.string().regex(/^[^:]+$/), password: secretRef }).optional(),
    header: z.strictObject({ name: z.string().regex(/^[A-Za-z0-9-]+$/), value: secretRef }).optional(),
    login: withCall(
      z.strictObject({
        ...callFields,
        secret: secretRef,
        token: pointer.describe('In the answer: the token of the calls that follow.'),
        header: z.string().optional().describe('Header that takes the token. Left out: Authorization, as Bearer.'),
      }),
      { names: [], secret: 'must', writes: true },
    ).optional(),
    account: z.string().optional().describe('Name of the account these credentials belong to: it is shown as its own and never reset.'),
  })
  .refine((value) => [value.bearer, value.basic, value.header, value.login].filter((each) => each !== undefined).length === 1, {
    error: 'one of bearer, basic, header, login',
  });

export const config = z
  .strictObject({
    url: z.string().refine(isBase, { error: 'expected https://host[:port][/path], without query, user or password' }),
    auth: auth.describe("Rekey's own credentials. A probe never carries them."),
    headers: z
      .record(z.string().regex(/^[A-Za-z0-9-]+$/), z.string())
      .optional()
      .describe('Fixed headers of every call, probes too. No secrets.'),
    ca: z.string().min(1).optional().describe('PEM file of the CA, relative to the estate file. Left out: the system CAs.'),
    servername: z.string().min(1).optional().describe('Name the certificate must show, where it is not the host of the URL.'),
    insecure: z.boolean().default(false).describe('Allow http:// to another machine: secrets cross the network in the clear.'),
    allowPrivate: z
      .boolean()
      .default(false)
      .describe('Allow loopback and private addresses. Link-local and metadata addresses are never called.'),
    accounts: accounts.optional(),
    set: write({ names: accountNames, secret: 'must' }).optional(),
    mint: mint.optional(),
    probe: probe.optional(),
    state: state.optional(),
    sessions: sessions.optional(),
    contain: z.strictObject({ block: write(ofAccount), unblock: write(ofAccount) }).optional(),
    lockout: lockout.optional(),
  })
  .check((context) => {
    const { url, insecure, set, mint: minted, contain } = context.value;
    const say = (path: string, message: string): void => {
      context.issues.push({ code: 'custom', message, path: [path], input: context.value });
    };
    if (URL.canParse(url)) {
      const { protocol, hostname } = new URL(url);
      if (protocol === 'http:' && !insecure && !isLoopback(hostname))
        say('url', 'http:// would send secrets in the clear: use https://, or say insecure: true');
    }
    if (set === undefined && minted === undefined && contain === undefined)
      say('set', 'the block describes nothing to reset: add set, mint or contain');
  });
export type Config = z.output<typeof config>;

function isBase(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, search, hash, username, password } = new URL(value);
  return /^https?:$/.test(protocol) && `${search}${hash}${username}${password}` === '' && !/[?#]/.test(value);
}

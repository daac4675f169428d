// The pages on which people fetch what was reset for them. A link shows what waits; only a form that is sent shows a secret.
import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Caller } from '../access/caller.ts';
import type { ClaimView } from '../deliver/my-claims.ts';
import { Problem } from '../domain/problem.ts';
import { accountPage } from '../pages/account-page.ts';
import { document, type Page } from '../pages/layout.ts';
import { listPage } from '../pages/list-page.ts';
import { messagePage, signInPage } from '../pages/message-page.ts';
import { secretPage } from '../pages/secret-page.ts';
import type { Api, Door } from './door.ts';
import { assertOwnForm, takeForms } from './form-body.ts';
import { problemBody, problemOf } from './problem-reply.ts';
import { accountParams } from './query.ts';

const perPage = 50;
const listQuery = z.object({ cursor: z.string().max(200).optional() });
const formBody = z.object({ csrf: z.string().max(200), version: z.coerce.number().int().min(1).max(2_000_000_000).optional() });
const signIn = { passkeyOptions: '/v1/sign-in/passkey/options', passkeyFinish: '/v1/sign-in/passkey' };

export function myRoutes(api: Api, { services, caller, access }: Door): void {
  const config = { needs: 'public' } as const; // each asks for the session itself: who has none gets the page to sign in
  const form = (who: Caller) => ({ csrf: who.session?.csrf ?? '', reRevealMinutes: Math.round(services.delivery.reRevealMs / 60_000) });
  const oidc = async () => ((await access?.session(null))?.oidc ? '/v1/sign-in/oidc?to=my' : null);
  const send = (reply: FastifyReply, who: Caller | null, status: number, page: Page): FastifyReply => {
    const nonce = randomBytes(18).toString('base64');
    const { estateName: estate, demo, delivery } = services;
    return reply
      .code(status)
      .headers(pageHeaders(nonce))
      .send(document({ nonce, estate, demo, person: who?.name ?? null, help: delivery.help ?? null }, page));
  };
  const signedIn = (request: FastifyRequest): Caller => {
    const who = caller(request);
    // A token is made for programs and for less than its member may: it opens no page.
    if (who.via === 'session') return who;
    throw new Problem('not-signed-in', { message: 'these pages are for people who sign in', hint: 'programs use the API' });
  };
  const known = async (who: Caller, { system, account }: { system: string; account: string }): Promise<ClaimView> => {
    const claim = await services.myClaim(who, system, account);
    if (claim !== undefined) return claim;
    throw new Problem('not-found', { message: 'there is nothing here for you', hint: 'look at your list' });
  };

  api.register(async (scope) => {
    const pages = scope as Api; // the same instance, encapsulated: forms and the error page are for these routes alone
    takeForms(scope);
    pages.setErrorHandler(async (error, request, reply) => {
      const problem = problemOf(error);
      const { status } = problemBody(problem, request.id);
      if (problem.code === 'internal') request.log.error({ code: problem.code, requestId: request.id });
      const page = problem.code === 'not-signed-in' ? signInPage({ ...signIn, oidc: await oidc() }) : pageOf(problem);
      return send(reply, null, status, page);
    });

    pages.get('/my', { config, schema: { hide: true, querystring: listQuery } }, async (request, reply) => {
      const who = signedIn(request);
      const { cursor } = request.query;
      const { items, cursor: next } = await services.myClaims(who, { limit: perPage, ...(cursor === undefined ? {} : { cursor }) });
      return send(reply, who, 200, listPage(items, next, cursor !== undefined));
    });

    pages.get('/my/:system/:account', { config, schema: { hide: true, params: accountParams } }, async (request, reply) => {
      const who = signedIn(request);
      return send(reply, who, 200, accountPage(await known(who, request.params), form(who)));
    });

    pages.post(
      '/my/:system/:account/show',
      { config: { ...config, secret: true }, schema: { hide: true, params: accountParams, body: formBody } },
      async (request, reply) => {
        const who = signedIn(request);
        assertOwnForm(who, request.body.csrf);
        const claim = await known(who, request.params);
        const shown = await services.reveal(who, claim.system, claim.id, request.body.version).catch((error: unknown) => refusal(error));
        const wantsText = request.headers.accept === 'text/plain';
        if (shown === undefined)
          return wantsText
            ? reply.code(409).headers(textHeaders).send('')
            : send(reply, who, 409, accountPage(await known(who, request.params), form(who)));
        if (wantsText) return reply.headers(textHeaders).send(shown.secret);
        const times = { until: shown.until?.toISOString() ?? null, now: new Date().toISOString() };
        return send(reply, who, 200, secretPage(claim, { secret: shown.secret, version: shown.version, ...times }, form(who)));
      },
    );

    pages.post(
      '/my/:system/:account/saved',
      { config, schema: { hide: true, params: accountParams, body: formBody } },
      async (request, reply) => {
        const who = signedIn(request);
        assertOwnForm(who, request.body.csrf);
        const claim = await known(who, request.params);
        await services.keep(who, claim.system, claim.id);
        return reply.header('cache-control', 'no-store').redirect('/my', 303);
      },
    );
  });
}

/** What the account's page explains by itself: it is used up, over, or another version came. */
function refusal(error: unknown): undefined {
  if (error instanceof Problem && error.code === 'conflict') return undefined;
  throw error;
}

function pageHeaders(nonce: string): Readonly<Record<string, string>> {
  return {
    ...always,
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': [
      "default-src 'none'",
      `script-src 'nonce-${nonce}'`,
      `style-src 'nonce-${nonce}'`,
      'img-src data:',
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join('; '),
  };
}

const always = {
  'cache-control': 'no-store',
  pragma: 'no-cache',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;
const textHeaders = { ...always, 'content-type': 'text/plain; charset=utf-8', 'content-security-policy': "default-src 'none'" } as const;

/** The words of a Problem are for operators: people get their own, and never a name they did not own. */
function pageOf({ code }: Problem): Page {
  switch (code) {
    case 'not-found':
      return messagePage(
        'Nothing here',
        'There is nothing here for you. The account may be another person’s, or the link may be wrong.',
        'Look at your list, or ask for help below.',
      );
    case 'not-permitted':
      return messagePage(
        'Please start again',
        'This form was not sent by your own page.',
        'Open the account from your list and try again.',
      );
    case 'too-many-requests':
      return messagePage(
        'Too many tries',
        'You asked too often. To keep you safe we wait an hour.',
        'Was that not you? Then ask for help now.',
      );
    case 'conflict':
      return messagePage('Not ready yet', 'This account is being reset right now.', 'Open the page again in a few minutes.');
    case 'usage':
      return messagePage('That did not work', 'We could not read what was sent.', 'Open the account from your list and try again.');
    default:
      return messagePage(
        'That did not work',
        'Something went wrong here. It was not your fault.',
        'Try again in a few minutes, or ask for help below.',
      );
  }
}
